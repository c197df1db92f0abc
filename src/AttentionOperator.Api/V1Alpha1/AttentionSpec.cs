using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>How attention is computed.</summary>
[CelRule("self.kind != 'SlidingWindow' || has(self.window)", "attention.window must be set when attention.kind is SlidingWindow")]
[CelRule("self.kind != 'BlockSparse' || has(self.blockSize)", "attention.blockSize must be set when attention.kind is BlockSparse")]
public sealed record AttentionSpec
{
    /// <summary>The kind of attention.</summary>
    public AttentionKind Kind { get; init; } = AttentionKind.Auto;

    /// <summary>Sliding window in tokens.</summary>
    [Bounds(1)]
    public int? Window { get; init; }

    /// <summary>Tokens per block of block-sparse attention.</summary>
    [Bounds(1)]
    public int? BlockSize { get; init; }

    /// <summary>Leading tokens that every token attends to in block-sparse attention.</summary>
    [Bounds(0)]
    public int? GlobalTokens { get; init; }
}
