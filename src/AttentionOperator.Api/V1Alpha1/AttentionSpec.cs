namespace AttentionOperator.Api.V1Alpha1;

/// <summary>How attention is computed.</summary>
public sealed record AttentionSpec
{
    /// <summary>The kind of attention.</summary>
    public AttentionKind Kind { get; init; } = AttentionKind.Auto;

    /// <summary>Sliding window in tokens.</summary>
    public int? Window { get; init; }

    /// <summary>Tokens per block of block-sparse attention.</summary>
    public int? BlockSize { get; init; }

    /// <summary>Leading tokens that every token attends to in block-sparse attention.</summary>
    public int? GlobalTokens { get; init; }
}
