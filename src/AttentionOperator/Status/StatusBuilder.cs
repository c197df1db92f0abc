using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Children;
using AttentionOperator.Memory;
using AttentionOperator.Nodes;
using AttentionOperator.Observation;
using AttentionOperator.Reconciliation;
using AttentionOperator.Rollouts;
using k8s.Models;

namespace AttentionOperator.Status;

/// <summary>Derives the status of a model from what is observed and decided. Pure; times change only where a condition's status does.</summary>
internal static class StatusBuilder
{
    public static AttentionModelStatus Build(StatusInput input)
    {
        var model = input.Model;
        var hashes = input.Decision.Replicas.Keys.ToHashSet(StringComparer.Ordinal);
        var deployments = input.Observed.Deployments.Where(deployment => !deployment.IsDeleting).ToList();
        var revisions = input.Revisions
            .Where(revision => hashes.Contains(revision.Hash))
            .OrderByDescending(revision => revision.Number)
            .Select(revision => new RevisionStatus
            {
                Hash = revision.Hash,
                Number = revision.Number,
                Replicas = input.Decision.Replicas[revision.Hash],
                ReadyReplicas = revision.ReadyReplicas,
                Reason = revision.Failure?.Reason,
                Message = revision.Failure?.Message,
            })
            .ToList();
        return new AttentionModelStatus
        {
            ObservedGeneration = model.Metadata.Generation,
            Conditions = Conditions(input),
            Replicas = deployments.Sum(deployment => deployment.Pods),
            ReadyReplicas = deployments.Sum(deployment => deployment.ReadyReplicas),
            Selector = ChildLabels.PodSelector(model),
            Url = input.Url,
            StableRevision = input.Decision.Stable,
            TargetRevision = input.Target ?? model.Status?.TargetRevision,
            Revisions = revisions,
            Traffic = input.Decision.Traffic,
            Rejected = input.Decision.Rejected.Count > 0 ? input.Decision.Rejected : null,
            Rollout = input.Decision.Status,
            Slo = input.PolicySlo,
            Memory = input.Memory.Count > 0 ? input.Memory : null,
        };
    }

    /// <summary>Events for conditions that changed their meaning since the last status.</summary>
    public static IEnumerable<PlannedEvent> Events(AttentionModelStatus? before, AttentionModelStatus after)
    {
        foreach (var condition in after.Conditions ?? [])
        {
            var old = before?.Conditions?.FirstOrDefault(found => found.Type == condition.Type);
            // Memory that runs out again is told again: the budget is another one now.
            if (old is not null && old.Status == condition.Status && old.Reason == condition.Reason && (condition.Type != ConditionTypes.OutOfMemory || old.Message == condition.Message))
            {
                continue;
            }

            if (condition is { Type: ConditionTypes.Stalled, Status: "True" })
            {
                yield return new PlannedEvent(EventType.Warning, condition.Reason, condition.Message);
            }
            else if (condition is { Type: ConditionTypes.Limited or ConditionTypes.OutOfMemory, Status: "True" })
            {
                if (after.Conditions!.All(other => other.Type != ConditionTypes.Stalled || other.Reason != condition.Reason))
                {
                    yield return new PlannedEvent(EventType.Warning, condition.Reason, condition.Message);
                }
            }
            else if (condition is { Type: ConditionTypes.Reconciling, Status: "True" } && Enum.TryParse<DepartureReason>(condition.Reason, out _))
            {
                yield return new PlannedEvent(EventType.Normal, condition.Reason, condition.Message);
            }
            else if (condition is { Type: ConditionTypes.Ready, Status: "True" })
            {
                yield return new PlannedEvent(EventType.Normal, condition.Reason, condition.Message);
            }
            else if (condition is { Type: ConditionTypes.Ready, Status: "False" } && condition.Reason != nameof(ConditionReason.Starting)
                && after.Conditions!.All(other => other.Type != ConditionTypes.Stalled || other.Reason != condition.Reason))
            {
                yield return new PlannedEvent(EventType.Warning, condition.Reason, condition.Message);
            }
        }
    }

    /// <summary>The status of a plan that could not be carried out: traffic and revisions stay as they were published.</summary>
    public static AttentionModelStatus WithStall(AttentionModel model, AttentionModelStatus planned, string reason, string message, DateTimeOffset time)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
        return planned with
        {
            StableRevision = model.Status?.StableRevision,
            Traffic = model.Status?.Traffic,
            Rollout = model.Status?.Rollout,
            Conditions =
            [
                .. planned.Conditions!.Where(condition => condition.Type == ConditionTypes.Ready),
                Condition(model, now, ConditionTypes.Reconciling, false, nameof(ConditionReason.Stalled), ""),
                Condition(model, now, ConditionTypes.Stalled, true, reason, message),
            ],
        };
    }

    private static List<V1Condition> Conditions(StatusInput input)
    {
        var ready = Ready(input);
        var stalled = Stalled(input);
        var reconciling = stalled is null ? Reconciling(input) : null;
        return
        [
            Condition(input, ConditionTypes.Ready, ready.Status, ready.Reason, ready.Message),
            reconciling is { } going
                ? Condition(input, ConditionTypes.Reconciling, true, going.Reason, going.Message)
                : Condition(input, ConditionTypes.Reconciling, false, stalled is null ? nameof(ConditionReason.Settled) : nameof(ConditionReason.Stalled), ""),
            stalled is { } stuck
                ? Condition(input, ConditionTypes.Stalled, true, stuck.Reason, stuck.Message)
                : Condition(input, ConditionTypes.Stalled, false, reconciling is null ? nameof(ConditionReason.Settled) : nameof(ConditionReason.Progressing), ""),
            .. Abnormal(input),
        ];
    }

    /// <summary>Conditions that are there only while they hold.</summary>
    private static IEnumerable<V1Condition> Abnormal(StatusInput input)
    {
        if (input.Limit is { } limit)
        {
            yield return Condition(input, ConditionTypes.Limited, true, nameof(ConditionReason.CeilingReached), limit);
        }

        if (input.Memory.Count > 0)
        {
            var last = input.Memory.MaxBy(relief => relief.At ?? DateTime.MinValue)!;
            yield return Condition(input, ConditionTypes.OutOfMemory, true, last.Reason!, string.Join("; ", input.Memory.Select(relief =>
                MemoryRelief.Describe(relief, input.Snapshots.GetValueOrDefault(relief.Revision)?.Limits.MaxBatchTokens ?? relief.MaxBatchTokens))));
        }
    }

    private static (bool Status, string Reason, string Message) Ready(StatusInput input)
    {
        if (input is { Replicas: 0, Limit: { } limit })
        {
            return (false, nameof(ConditionReason.CeilingReached), limit);
        }

        if (input.Decision.Traffic.Count == 0)
        {
            return input switch
            {
                { Errors.Count: > 0 } => (false, ErrorReason(input), Join(input)),
                { TargetState: { Failure: { } failure } target } => (false, failure.Reason, $"revision {target.Hash}: {failure.Message}"),
                { TargetState: { } target } => (false, nameof(ConditionReason.Starting), $"{target.ReadyReplicas} of {input.Replicas} replicas of revision {target.Hash} are ready"),
                _ => (false, nameof(ConditionReason.Starting), "nothing runs yet"),
            };
        }

        var serving = input.Revisions.Where(revision => input.Decision.Traffic.Any(share => share.Weight > 0 && share.Revision == revision.Hash)).ToList();
        var ready = serving.Sum(revision => revision.ReadyReplicas);
        var names = string.Join(" and ", serving.Select(revision => revision.Hash));
        if (ready > 0)
        {
            return (true, nameof(ConditionReason.Serving), $"{ready} of {serving.Sum(revision => input.Decision.Replicas.GetValueOrDefault(revision.Hash))} replicas of revision {names} are ready");
        }

        if (serving.All(revision => input.Decision.Replicas.GetValueOrDefault(revision.Hash) == 0))
        {
            return (true, nameof(ConditionReason.ScaledToZero), "no replica is asked for");
        }

        return serving.Select(revision => revision.Failure).FirstOrDefault(found => found is not null) is { } cause
            ? (false, cause.Reason, $"revision {names}: {cause.Message}")
            : (false, nameof(ConditionReason.NoReadyReplicas), $"none of the replicas of revision {names} is ready");
    }

    private static (string Reason, string Message)? Stalled(StatusInput input)
    {
        if (input.Errors.Count > 0)
        {
            return (ErrorReason(input), Join(input));
        }

        if (input is { Replicas: 0, Limit: { } limit })
        {
            return (nameof(ConditionReason.CeilingReached), limit);
        }

        // What the pods say is closer to the cause than that time ran out.
        return input.TargetState is { ReadyReplicas: 0, Failure: { Terminal: true } failure } target
            ? (failure.Reason, $"revision {target.Hash}: {failure.Message}")
            : input.Decision.Stall is { } stall ? (stall.Reason, stall.Message)
            : null;
    }

    private static (string Reason, string Message)? Reconciling(StatusInput input)
    {
        if (input.TargetState is not { } target)
        {
            return null;
        }

        if (input.Handover is { Departure: { } departure, Leaving: var leaving } && input.Decision.Stable == target.Hash)
        {
            return (departure.Reason.ToString(), $"{departure.Message}; {leaving} of its replicas {(leaving == 1 ? "leaves" : "leave")}, {input.Handover.Extra.Values.Sum()} more come up first{(input.Handover.IsStuck ? ", and no node has room for them" : "")}");
        }

        var progress = $"{target.ReadyReplicas} of {input.Replicas} replicas of revision {target.Hash} are ready";
        var cause = target.Failure is { } failure ? $"; {failure.Reason}: {failure.Message}" : "";
        if (input.Decision.Stable is null)
        {
            return (nameof(ConditionReason.Starting), progress + cause);
        }

        if (input.Decision.Stable != target.Hash)
        {
            // What it waits for has a word of its own; that it moves has one word for all steps.
            var reason = input.Decision.Status is { Phase: RolloutPhase.Paused, Reason: { } waits } ? waits : nameof(ConditionReason.RolloutInProgress);
            return (reason, (input.Decision.Status?.Message ?? progress) + cause);
        }

        return target.Replicas == input.Replicas && target.ReadyReplicas == input.Replicas
            ? null
            : (nameof(ConditionReason.Scaling), progress + cause);
    }

    private static string ErrorReason(StatusInput input) => input.Violates ? nameof(ConditionReason.PolicyViolation) : nameof(ConditionReason.InvalidSpec);

    private static string Join(StatusInput input) => string.Join("; ", input.Errors);

    private static V1Condition Condition(StatusInput input, string type, bool holds, string reason, string message) =>
        Condition(input.Model, input.Now, type, holds, reason, message);

    private static V1Condition Condition(AttentionModel model, DateTimeOffset now, string type, bool holds, string reason, string message)
    {
        var status = holds ? "True" : "False";
        var old = model.Status?.Conditions?.FirstOrDefault(condition => condition.Type == type);
        return new V1Condition
        {
            Type = type,
            Status = status,
            ObservedGeneration = model.Metadata.Generation,
            Reason = reason,
            Message = message,
            LastTransitionTime = old is not null && old.Status == status ? old.LastTransitionTime : now.UtcDateTime,
        };
    }
}
