using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Observation;
using k8s;
using k8s.Models;

namespace AttentionOperator.Reconciliation;

/// <summary>What one pass does.</summary>
internal sealed record ReconcilePlan
{
    /// <summary>Objects to apply, in this order.</summary>
    public IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Apply { get; init; } = [];

    /// <summary>Costs of deletion to set on pods before anything else, by name; null takes ours away.</summary>
    public IReadOnlyDictionary<string, int?> PodCosts { get; init; } = new Dictionary<string, int?>();

    /// <summary>Objects to delete, after the applies.</summary>
    public IReadOnlyList<ObservedChild> Delete { get; init; } = [];

    /// <summary>Status to publish, after the applies and deletes; null leaves it as it is.</summary>
    public AttentionModelStatus? Status { get; init; }

    /// <summary>Events to report once the status is published.</summary>
    public IReadOnlyList<PlannedEvent> Events { get; init; } = [];

    /// <summary>When to look again if nothing happens before.</summary>
    public TimeSpan? LookAgainAfter { get; init; }

    /// <summary>Why nothing can be done until the spec changes; null where it can.</summary>
    public string? Terminal { get; init; }
}
