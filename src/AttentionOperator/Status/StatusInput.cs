using AttentionOperator.Api.Revisions;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Api.Validation;
using AttentionOperator.Nodes;
using AttentionOperator.Observation;
using AttentionOperator.Rollouts;

namespace AttentionOperator.Status;

/// <summary>What a status is derived from.</summary>
internal sealed record StatusInput
{
    public required AttentionModel Model { get; init; }

    public required ModelObservation Observed { get; init; }

    /// <summary>All revisions that can run or do.</summary>
    public required IReadOnlyList<RevisionState> Revisions { get; init; }

    /// <summary>Replicas that the model may run of those that its spec asks for.</summary>
    public required int Replicas { get; init; }

    /// <summary>What keeps it below what its spec asks for; null where nothing does.</summary>
    public string? Limit { get; init; }

    /// <summary>The errors are a policy's.</summary>
    public bool Violates { get; init; }

    /// <summary>Revisions whose memory ran out.</summary>
    public IReadOnlyList<MemoryReliefStatus> Memory { get; init; } = [];

    /// <summary>What revisions run, by hash.</summary>
    public IReadOnlyDictionary<string, RevisionSnapshot> Snapshots { get; init; } = new Dictionary<string, RevisionSnapshot>();

    public HandoverPlan Handover { get; init; } = HandoverPlan.None;

    /// <summary>Objectives that a policy gave the model.</summary>
    public SloSpec? PolicySlo { get; init; }

    public required RolloutDecision Decision { get; init; }

    /// <summary>Hash of the spec's revision; null where the spec is invalid.</summary>
    public string? Target { get; init; }

    public IReadOnlyList<FieldError> Errors { get; init; } = [];

    public string? Url { get; init; }

    /// <summary>Whole seconds.</summary>
    public required DateTimeOffset Now { get; init; }

    public RevisionState? TargetState => Target is null ? null : Revisions.FirstOrDefault(revision => revision.Hash == Target);
}
