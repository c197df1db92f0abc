using System.Collections.Frozen;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Evaluation;
using AttentionOperator.Fleet;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Nodes;
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

    /// <summary>Pods, where a revision is short of ready ones or they tell something themselves; else there may be none.</summary>
    public IReadOnlyList<V1Pod> Pods { get; init; } = [];

    /// <summary>Policies that hold for the model.</summary>
    public PolicyObservation Policy { get; init; } = PolicyObservation.None;

    /// <summary>Nodes whose pods have to leave, by name.</summary>
    public IReadOnlyDictionary<string, Departure> Departures { get; init; } = FrozenDictionary<string, Departure>.Empty;

    /// <summary>Kinds that not every cluster serves and this one does not.</summary>
    public IReadOnlyList<ResourceKind> Unserved { get; init; } = [];

    /// <summary>Pods that are ending; Deployments do not count them any more.</summary>
    public IReadOnlyList<LeavingPod> Leaving { get; init; } = [];

    /// <summary>Runs of the evaluation before traffic.</summary>
    public IReadOnlyList<EvaluationObservation> Evaluations { get; init; } = [];

    /// <summary>How far pods are that fetch their model, by name; those that did not say are left out.</summary>
    public IReadOnlyDictionary<string, FetchProgress> Fetches { get; init; } = FrozenDictionary<string, FetchProgress>.Empty;

    /// <summary>What keeps the spec from being read at all; null where it was read.</summary>
    public string? SpecError { get; init; }
}
