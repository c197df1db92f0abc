using AttentionOperator.Api.Schema;
using k8s.Models;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Observed state of an AttentionModel.</summary>
public sealed record AttentionModelStatus
{
    /// <summary>Generation that this status describes.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>Ready, Reconciling and Stalled, as kstatus reads them. The reasons are documented.</summary>
    [ListMap("type")]
    public IReadOnlyList<V1Condition>? Conditions { get; init; }

    /// <summary>Pods of all revisions.</summary>
    public int? Replicas { get; init; }

    /// <summary>Ready pods of all revisions.</summary>
    public int? ReadyReplicas { get; init; }

    /// <summary>Label selector of the pods, for the scale subresource.</summary>
    public string? Selector { get; init; }

    /// <summary>Base URL of the OpenAI API.</summary>
    public string? Url { get; init; }

    /// <summary>Revision that serves when no rollout runs.</summary>
    public string? StableRevision { get; init; }

    /// <summary>Revision of the current spec.</summary>
    public string? TargetRevision { get; init; }

    /// <summary>Revisions that have pods, or should have.</summary>
    [ListMap("hash")]
    public IReadOnlyList<RevisionStatus>? Revisions { get; init; }

    /// <summary>Share of traffic per revision; sums to 100 once something serves.</summary>
    [ListMap("revision")]
    public IReadOnlyList<TrafficTarget>? Traffic { get; init; }

    /// <summary>Revisions that were condemned, with the numbers. They are not retried until the spec changes or a retry is asked for.</summary>
    [ListMap("hash")]
    public IReadOnlyList<RejectedRevision>? Rejected { get; init; }

    /// <summary>Objectives that a policy gave the model; absent where the spec has its own, or nobody has.</summary>
    public SloSpec? Slo { get; init; }

    /// <summary>Revisions whose token budget was lowered because memory ran out; it is what the spec says again for every other revision.</summary>
    [ListMap("revision")]
    public IReadOnlyList<MemoryReliefStatus>? Memory { get; init; }

    /// <summary>The rollout in progress, or the last one.</summary>
    public RolloutStatus? Rollout { get; init; }
}
