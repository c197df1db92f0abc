namespace AttentionOperator.Inference.Attention;

/// <summary>Query positions [QueryStart, QueryEnd) and the keys that any of them sees: one run, or two where a block-sparse pattern has global tokens apart.</summary>
/// <param name="Masked">Some of these pairs are not visible, so that a mask is needed.</param>
public readonly record struct AttentionChunk(int QueryStart, int QueryEnd, KeyRange First, KeyRange Second, bool Masked)
{
    public int Rows => QueryEnd - QueryStart;

    public int Keys => First.Length + Second.Length;
}
