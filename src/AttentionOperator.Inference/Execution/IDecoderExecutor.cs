namespace AttentionOperator.Inference.Execution;

/// <summary>Sizes that a scheduler needs to know of a loaded decoder.</summary>
/// <param name="VocabularySize">Rows of the output projection.</param>
/// <param name="MaxPositions">Longest sequence, prompt and output together.</param>
/// <param name="BlockSize">Tokens per block of the key-value cache.</param>
/// <param name="BlockCount">Blocks that were allocated.</param>
public sealed record DecoderShape(int VocabularySize, int MaxPositions, int BlockSize, int BlockCount);

/// <summary>
/// Runs one engine step of a loaded decoder over a paged key-value cache. Called from one thread at a time.
/// Implementations: libtorch (reference, CUDA) and managed SIMD over memory-mapped weights.
/// </summary>
public interface IDecoderExecutor : IDisposable
{
    DecoderShape Shape { get; }

    /// <summary>
    /// Computes all tokens of the step, writes their keys and values to the cache, and the logits of the requested rows to
    /// <paramref name="logits"/>, [<c>batch.LogitRows.Count</c> × VocabularySize], row-major, float32.
    /// </summary>
    void Execute(StepBatch batch, Span<float> logits);
}

/// <summary>
/// The tokens of one engine step, of all sequences, flattened. Reused between steps so that steady state allocates nothing.
/// Sequence s owns tokens [TokenStart, TokenStart+TokenCount) at positions ContextLength, ContextLength+1, …
/// </summary>
public sealed class StepBatch
{
    /// <summary>[T] token ids.</summary>
    public List<int> TokenIds { get; } = [];

    public List<StepSequence> Sequences { get; } = [];

    /// <summary>Indices into <see cref="TokenIds"/> whose logits are wanted, ascending.</summary>
    public List<int> LogitRows { get; } = [];

    public void Clear()
    {
        TokenIds.Clear();
        Sequences.Clear();
        LogitRows.Clear();
    }
}

/// <summary>One sequence's part of a step.</summary>
/// <param name="TokenStart">First of its tokens in <see cref="StepBatch.TokenIds"/>.</param>
/// <param name="TokenCount">How many of its tokens are computed in this step.</param>
/// <param name="ContextLength">Tokens already in the cache, which is also the position of its first token here.</param>
/// <param name="BlockTable">Cache blocks of the sequence in order; holds at least ContextLength + TokenCount tokens.</param>
/// <param name="CrossSlot">Encoder output that a sequence of an encoder-decoder attends to; −1 for decoders.</param>
public readonly record struct StepSequence(int TokenStart, int TokenCount, int ContextLength, List<int> BlockTable, int CrossSlot = -1);
