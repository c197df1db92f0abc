namespace AttentionOperator.Inference.Scheduling;

/// <summary>Where a sequence is in its life.</summary>
internal enum SequenceStatus
{
    /// <summary>Submitted, not yet seen by the scheduler.</summary>
    New,
    Waiting,
    Running,
    Ended,
}

/// <summary>
/// One sequence as the scheduler sees it. One invariant and no phases: a step hands out tokens until <see cref="Computed"/> has caught up with
/// the number of <see cref="Tokens"/>; then the logits of the last one give the next token. Chunked prefill, prefix hits and recomputing after a
/// preemption are all this one case.
/// </summary>
internal abstract class Sequence : QueueEntry
{
    /// <summary>The decoder's context: prompt (or the start token of an encoder-decoder) and output.</summary>
    public required List<int> Tokens { get; init; }

    /// <summary>Input of the encoder; null for decoders.</summary>
    public int[]? EncoderInput { get; init; }

    /// <summary>Tokens whose keys and values are in the cache.</summary>
    public int Computed { get; set; }

    public List<int> Blocks { get; } = [];

    public List<UInt128> BlockHashes { get; } = [];

    /// <summary>Leading blocks that the prefix index knows.</summary>
    public int PublishedBlocks { get; set; }

    public UInt128 CacheRoot { get; init; }

    public int CrossSlot { get; set; } = -1;

    /// <summary>The encoder's output is in <see cref="CrossSlot"/>.</summary>
    public bool Encoded { get; set; }

    public SequenceStatus Status { get; set; }

    /// <summary>Logits of every computed token are wanted, not of the last one only (log-probabilities of the prompt).</summary>
    public bool WantsAllLogits { get; set; }

    public bool MayReusePrefix => !WantsAllLogits;

    public int Remaining => Tokens.Count - Computed;

    public override int WaitingTokens => Tokens.Count + (EncoderInput?.Length ?? 0);
}
