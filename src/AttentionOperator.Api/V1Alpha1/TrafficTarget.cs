using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Share of traffic of one revision.</summary>
public sealed record TrafficTarget
{
    /// <summary>Revision hash.</summary>
    [RequiredField]
    public string Revision { get; init; } = "";

    /// <summary>Share in percent.</summary>
    [RequiredField]
    [Bounds(0, 100)]
    public int Weight { get; init; }
}
