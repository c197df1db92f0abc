using k8s.Models;

namespace AttentionOperator.Observation;

/// <summary>Everything that was observed of one AttentionModel's children, at one moment.</summary>
internal sealed record ModelObservation
{
    public IReadOnlyList<ObservedDeployment> Deployments { get; init; } = [];

    public IReadOnlyList<ObservedRevision> Revisions { get; init; } = [];

    /// <summary>All owned objects, for what must go.</summary>
    public IReadOnlyList<ObservedChild> Children { get; init; } = [];

    /// <summary>A Deployment lacks ready pods: then the pods tell why, and else nothing.</summary>
    public bool IsShort { get; init; }

    /// <summary>Pods of revisions that are short of ready ones; there may be none where nothing is.</summary>
    public IReadOnlyList<V1Pod> Pods { get; init; } = [];

    /// <summary>What keeps the spec from being read at all; null where it was read.</summary>
    public string? SpecError { get; init; }
}
