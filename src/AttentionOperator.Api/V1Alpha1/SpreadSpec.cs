using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>How replicas of a revision are spread, so that the loss of one node or zone takes few of them.</summary>
public sealed record SpreadSpec
{
    /// <summary>Over nodes (kubernetes.io/hostname).</summary>
    public SpreadPolicy Nodes { get; init; } = SpreadPolicy.Preferred;

    /// <summary>Over zones (topology.kubernetes.io/zone).</summary>
    public SpreadPolicy Zones { get; init; } = SpreadPolicy.Preferred;
}
