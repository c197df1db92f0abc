namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Copy a share of requests to a revision; its answers are discarded, its SLIs kept.</summary>
public sealed record MirrorSpec
{
    /// <summary>Revision hash, or <c>canary</c>.</summary>
    public string Revision { get; init; } = "canary";

    /// <summary>Share in percent.</summary>
    public int Percent { get; init; }
}
