using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Copy a share of requests to a revision; its answers are discarded, its SLIs kept.</summary>
public sealed record MirrorSpec
{
    /// <summary>Revision hash, or <c>canary</c> for the revision in rollout.</summary>
    [Length(63, 1)]
    public string Revision { get; init; } = "canary";

    /// <summary>Share in percent.</summary>
    [RequiredField]
    [Bounds(1, 100)]
    public int Percent { get; init; }
}
