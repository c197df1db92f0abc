using AttentionOperator.Api.Schema;
using k8s.Models;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Where replicas may run.</summary>
public sealed record PlacementSpec
{
    /// <summary>Labels that the node must have.</summary>
    [Length(32)]
    public IReadOnlyDictionary<string, string>? NodeSelector { get; init; }

    /// <summary>Taints that replicas tolerate.</summary>
    [Length(32)]
    public IReadOnlyList<V1Toleration>? Tolerations { get; init; }

    /// <summary>Whether replicas may run on spot nodes; default: the node selector and tolerations alone decide.</summary>
    public SpotPolicy? Spot { get; init; }

    /// <summary>How replicas are spread over nodes and zones; default: where there is a choice.</summary>
    public SpreadSpec? Spread { get; init; }

    /// <summary>PriorityClass of the pods.</summary>
    [Length(253, 1)]
    public string? PriorityClassName { get; init; }

    /// <summary>RuntimeClass of the pods.</summary>
    [Length(253, 1)]
    public string? RuntimeClassName { get; init; }
}
