using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Api.Values;
using AttentionOperator.Reconciliation;

namespace AttentionOperator.Rollouts;

/// <summary>
/// The strategy-neutral rollout: a new revision comes up beside the one that serves, gets all traffic once all its replicas are
/// ready, and the old one goes after the gateways had time to see it. It never judges.
/// </summary>
internal sealed class SwitchWhenReady : IRolloutPlanner
{
    /// <summary>How long a revision is kept after its traffic was taken away: status reaches the gateways, and short requests end.</summary>
    public static readonly TimeSpan DrainDelay = TimeSpan.FromSeconds(5);

    public RolloutDecision Plan(RolloutSituation situation)
    {
        var target = situation.Find(situation.Target)
            ?? throw new ArgumentException($"revision {situation.Target} is not among the revisions", nameof(situation));
        if (situation.Stable == target.Hash)
        {
            return Settle(situation, target, Continue(situation, RolloutPhase.Completed), []);
        }

        return CanTakeOver(situation, target) ? Switch(situation, target) : BringUp(situation, target);
    }

    private static bool CanTakeOver(RolloutSituation situation, RevisionState target)
    {
        if (situation.Replicas == 0)
        {
            return true; // Nothing serves, so nothing can be lost.
        }

        // One replica is better than none; but those that serve are replaced only by as many.
        var needed = Math.Clamp(situation.Find(situation.Stable)?.ReadyReplicas ?? 0, 1, situation.Replicas);
        return target.Replicas is not null && target.ReadyReplicas >= needed;
    }

    private static RolloutDecision BringUp(RolloutSituation situation, RevisionState target)
    {
        var status = Continue(situation, RolloutPhase.Progressing) with
        {
            Message = $"{target.ReadyReplicas} of {situation.Replicas} replicas of revision {target.Hash} are ready",
        };
        var replicas = Kept(situation, situation.Stable, out var lookAgain);
        replicas[target.Hash] = situation.Replicas;
        if (situation.Stable is { } stable)
        {
            replicas[stable] = situation.Replicas;
        }

        var deadline = status.StartedAt!.Value + Durations.Parse(situation.Spec.ProgressDeadline);
        var left = deadline - situation.Now.UtcDateTime;
        var stall = left > TimeSpan.Zero ? null : new RolloutStall(
            nameof(RolloutReason.ProgressDeadlineExceeded),
            $"revision {target.Hash} was not ready within {situation.Spec.ProgressDeadline}: {target.ReadyReplicas} of {situation.Replicas} replicas are"
            + (target.Failure is { } failure ? $"; {failure.Reason}: {failure.Message}" : ""));
        return new RolloutDecision
        {
            Stable = situation.Stable,
            Replicas = replicas,
            Traffic = situation.Find(situation.Stable) is { } serving ? AllTo(situation, serving) : [],
            Status = status,
            Rejected = situation.Rejected,
            Stall = stall,
            Events = situation.Status?.Revision == target.Hash && situation.Status.Phase == RolloutPhase.Progressing
                ? []
                : [new PlannedEvent(EventType.Normal, nameof(RolloutReason.RevisionCreated), $"Bringing up revision {target.Hash} with {situation.Replicas} replicas")],
            LookAgainAfter = Earliest(lookAgain, stall is null ? left : null),
        };
    }

    private static RolloutDecision Switch(RolloutSituation situation, RevisionState target)
    {
        var now = situation.Now.UtcDateTime;
        var from = situation.Stable is null ? "" : $" from {situation.Stable}";
        var status = Continue(situation, RolloutPhase.Completed) with { StepStartedAt = now };
        return Settle(
            situation with { Status = status },
            target,
            status,
            [new PlannedEvent(EventType.Normal, nameof(RolloutReason.TrafficSwitched), $"Traffic goes to revision {target.Hash}{from}: {target.ReadyReplicas} of {situation.Replicas} replicas are ready")]);
    }

    /// <summary>The target serves; what is left of others goes once its traffic has been gone for a while.</summary>
    private static RolloutDecision Settle(RolloutSituation situation, RevisionState target, RolloutStatus status, IReadOnlyList<PlannedEvent> events)
    {
        var replicas = Kept(situation, null, out var lookAgain);
        replicas[target.Hash] = situation.Replicas;
        return new RolloutDecision
        {
            Stable = target.Hash,
            Replicas = replicas,
            Traffic = AllTo(situation, target),
            Status = status with { Weight = 100, Message = null },
            Rejected = situation.Rejected,
            Events = events,
            LookAgainAfter = lookAgain,
        };
    }

    /// <summary>Revisions beside the target and the one that goes on serving that still have, or had until a moment ago, traffic; they keep their replicas.</summary>
    private static Dictionary<string, int> Kept(RolloutSituation situation, string? serving, out TimeSpan? lookAgain)
    {
        lookAgain = null;
        var kept = new Dictionary<string, int>(StringComparer.Ordinal);
        var switchedAt = situation.Status?.StepStartedAt ?? DateTime.MinValue;
        var left = switchedAt + DrainDelay - situation.Now.UtcDateTime;
        foreach (var revision in situation.Revisions)
        {
            if (revision.Replicas is not { } replicas || revision.Hash == situation.Target || revision.Hash == serving)
            {
                continue;
            }

            var draining = situation.Status is { Phase: RolloutPhase.Completed } && left > TimeSpan.Zero;
            if (situation.WeightOf(revision.Hash) > 0 || draining)
            {
                kept[revision.Hash] = replicas;
                lookAgain = draining ? left : DrainDelay;
            }
        }

        return kept;
    }

    /// <summary>All traffic to a revision, unless it would get it without being ready; then the split stays as it is published.</summary>
    private static IReadOnlyList<TrafficTarget> AllTo(RolloutSituation situation, RevisionState revision) =>
        situation.WeightOf(revision.Hash) > 0 || revision.ReadyReplicas > 0 || situation.Replicas == 0
            ? [new TrafficTarget { Revision = revision.Hash, Weight = 100 }]
            : situation.Traffic;

    private static RolloutStatus Continue(RolloutSituation situation, RolloutPhase phase)
    {
        var now = situation.Now.UtcDateTime;
        if (situation.Status is { } status && status.Revision == situation.Target)
        {
            return status.Phase == phase
                ? status
                : status with { Phase = phase, StepStartedAt = now, Weight = phase == RolloutPhase.Completed ? 100 : 0, Message = null };
        }

        return new RolloutStatus { Phase = phase, Revision = situation.Target, Weight = phase == RolloutPhase.Completed ? 100 : 0, StartedAt = now, StepStartedAt = now };
    }

    private static TimeSpan? Earliest(TimeSpan? left, TimeSpan? right) =>
        left is null ? right : right is null || left < right ? left : right;
}
