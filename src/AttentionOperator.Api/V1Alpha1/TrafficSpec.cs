using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>How clients reach the model.</summary>
public sealed record TrafficSpec
{
    /// <summary>Other names that clients may use.</summary>
    [Length(32)]
    [ListSet]
    public IReadOnlyList<string>? Aliases { get; init; }

    /// <summary>Keep a caller on one revision while weights move; default: each request is placed on its own.</summary>
    public StickySpec? Sticky { get; init; }

    /// <summary>Copy a share of requests to a revision.</summary>
    public MirrorSpec? Mirror { get; init; }
}
