namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Share of traffic of one revision.</summary>
public sealed record TrafficTarget
{
    /// <summary>Revision hash.</summary>
    public string Revision { get; init; } = "";

    /// <summary>Share in percent.</summary>
    public int Weight { get; init; }
}
