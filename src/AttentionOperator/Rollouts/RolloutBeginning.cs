using AttentionOperator.Api.Rollouts;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Reconciliation;

namespace AttentionOperator.Rollouts;

/// <summary>What a pass starts from: the status that the last one left, or that of a rollout that begins now. Pure.</summary>
internal static class RolloutBeginning
{
    /// <param name="situation">What is.</param>
    /// <param name="stable">Revision that serves.</param>
    /// <param name="action">The last action that was carried out.</param>
    public static RolloutStatus Begin(RolloutSituation situation, string? stable, string? action)
    {
        var now = situation.Now.UtcDateTime;
        return new RolloutStatus
        {
            Phase = stable == situation.Target ? RolloutPhase.Completed : RolloutPhase.Progressing,
            Revision = situation.Target,
            Previous = stable == situation.Target ? null : stable,
            Weight = situation.WeightOf(situation.Target),
            StartedAt = now,
            StepStartedAt = now,
            TrafficChangedAt = situation.Status?.TrafficChangedAt,
            Action = action,
        };
    }

    /// <summary>A clock that was set back must not make anything wait for it to catch up.</summary>
    public static RolloutStatus Tolerate(RolloutStatus old, DateTime now)
    {
        return old with
        {
            StartedAt = Past(old.StartedAt) ?? now,
            StepStartedAt = Past(old.StepStartedAt) ?? now,
            SteadyAt = Past(old.SteadyAt),
            TrafficChangedAt = Past(old.TrafficChangedAt),
        };

        DateTime? Past(DateTime? time) => time > now ? now : time;
    }

    /// <summary>The event of a spec that names another revision than at the last pass; null where there is nothing to say.</summary>
    public static PlannedEvent? Announce(RolloutSituation situation, string? stable, RolloutBudget budget)
    {
        if (stable != situation.Target)
        {
            return new PlannedEvent(EventType.Normal, nameof(RolloutReason.RevisionCreated), $"Bringing up revision {situation.Target} by {situation.Spec.Strategy}: at most {budget.Peak} replicas at once");
        }

        return situation.Status is { Revision: { } given, Phase: not RolloutPhase.Completed }
            ? new PlannedEvent(EventType.Normal, nameof(RolloutReason.Superseded), $"The spec is back at revision {situation.Target}; revision {given} goes")
            : null;
    }
}
