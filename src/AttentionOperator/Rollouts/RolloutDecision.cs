using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Evaluation;
using AttentionOperator.Reconciliation;

namespace AttentionOperator.Rollouts;

/// <summary>What a rollout needs now.</summary>
internal sealed record RolloutDecision
{
    /// <summary>Revision that serves; null before anything has served.</summary>
    public string? Stable { get; init; }

    /// <summary>
    /// Replicas of each revision that has children. Revisions that are left out lose their Deployment, Service and ConfigMap, and keep their history.
    /// A revision may be left out, or reduced below its share, only when the situation's published traffic already says so.
    /// </summary>
    public required IReadOnlyDictionary<string, int> Replicas { get; init; }

    /// <summary>Split of traffic to publish; empty before anything has served, else it sums to 100. A weight rises only on a revision that is ready.</summary>
    public IReadOnlyList<TrafficTarget> Traffic { get; init; } = [];

    public RolloutStatus? Status { get; init; }

    /// <summary>Run of the evaluation that should be there; others go. Null: none.</summary>
    public EvaluationRun? Evaluation { get; init; }

    public IReadOnlyList<RejectedRevision> Rejected { get; init; } = [];

    /// <summary>Why the rollout cannot go on without a change by someone; null while it can.</summary>
    public RolloutStall? Stall { get; init; }

    public IReadOnlyList<PlannedEvent> Events { get; init; } = [];

    /// <summary>When to decide again if nothing changes before; null: not needed.</summary>
    public TimeSpan? LookAgainAfter { get; init; }
}
