namespace AttentionOperator.Inference.Models.Descriptions;

/// <summary>
/// Which keys a query sees: the key at position k is visible to the query at position q iff q − k ≤ <paramref name="Before"/> and
/// k − q ≤ <paramref name="After"/>, and, where there is one, the block-sparse pattern allows it.
/// </summary>
public readonly record struct AttentionMask(int Before, int After, BlockSparsePattern? Sparse = null)
{
    public const int Unbounded = int.MaxValue;

    public static AttentionMask Causal { get; } = new(Unbounded, 0);

    public static AttentionMask Full { get; } = new(Unbounded, Unbounded);

    /// <summary>The last <paramref name="window"/> tokens, the query's own included.</summary>
    public static AttentionMask SlidingCausal(int window) => new(window - 1, 0);

    /// <summary>Up to <paramref name="each"/> tokens on each side.</summary>
    public static AttentionMask Local(int each) => new(each, each);

    public bool IsCausal => After == 0;

    /// <summary>Over a whole sequence of <paramref name="length"/> tokens the mask is exactly causal (true) or absent (false); null: neither.</summary>
    public bool? Sees(int length) => Sparse is not null || Before < length - 1 ? null : IsCausal ? true : After >= length - 1 ? false : null;

    public bool Allows(int query, int key) =>
        (long)query - key <= Before && (long)key - query <= After && (Sparse is null || Sparse.Allows(query, key));
}
