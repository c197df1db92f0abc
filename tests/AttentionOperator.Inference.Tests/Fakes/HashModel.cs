using System.Runtime.InteropServices;
using AttentionOperator.Inference.Execution;

namespace AttentionOperator.Inference.Tests.Fakes;

/// <summary>
/// A "model" whose logits are a hash of the whole context, which it reads back from a paged cache through the block table. A wrong block, a lost
/// or doubled token, or a neighbour's write changes every later logit. It also checks what the scheduler promises of a step.
/// </summary>
internal class HashModel(DecoderShape shape, int maxBatchTokens = int.MaxValue, int maxSequences = int.MaxValue, int maxRows = int.MaxValue) : IDecoderExecutor
{
    private readonly long[] cache = new long[shape.BlockCount * shape.BlockSize];

    public DecoderShape Shape => shape;

    public List<string> Violations { get; } = [];

    public int LargestBatch { get; private set; }

    public int Steps { get; private set; }

    /// <summary>Called before a step is computed; may block or throw.</summary>
    public Action<StepBatch>? BeforeStep { get; set; }

    public void Execute(StepBatch batch, Span<float> logits)
    {
        Steps++;
        LargestBatch = Math.Max(LargestBatch, batch.TokenIds.Count);
        Check(batch, logits.Length);
        BeforeStep?.Invoke(batch);
        var row = 0;
        foreach (var sequence in CollectionsMarshal.AsSpan(batch.Sequences))
        {
            for (var i = 0; i < sequence.TokenCount; i++)
                cache[Slot(sequence, sequence.ContextLength + i)] = Value(batch.TokenIds[sequence.TokenStart + i], sequence.ContextLength + i);
            for (var i = 0; i < sequence.TokenCount; i++)
            {
                if (row >= batch.LogitRows.Count || batch.LogitRows[row] != sequence.TokenStart + i) continue;
                ulong hash = Salt(sequence);
                for (var position = 0; position <= sequence.ContextLength + i; position++) hash = Fold(hash, cache[Slot(sequence, position)]);
                Fill(hash, logits.Slice(row++ * shape.VocabularySize, shape.VocabularySize));
            }
        }

        Finish(batch, logits);
    }

    /// <summary>A last look at the logits.</summary>
    public virtual void Finish(StepBatch batch, Span<float> logits)
    {
    }

    /// <summary>The logits after a context, computed without any cache: what every batch has to reproduce.</summary>
    public static void Reference(ReadOnlySpan<int> context, Span<float> logits, ulong salt = 0)
    {
        var hash = salt;
        for (var position = 0; position < context.Length; position++) hash = Fold(hash, Value(context[position], position));
        Fill(hash, logits);
    }

    public void Dispose() => GC.SuppressFinalize(this);

    protected virtual ulong Salt(StepSequence sequence) => 0;

    protected static ulong Fold(ulong hash, long value) => ((hash ^ (ulong)value) * 0x9E3779B97F4A7C15) ^ (hash >> 29);

    private static long Value(int token, int position) => ((long)(token + 1) << 24) | (uint)position;

    private static void Fill(ulong hash, Span<float> logits)
    {
        for (var id = 0; id < logits.Length; id++)
        {
            var bits = Fold(hash, id + 7919);
            bits = (bits ^ (bits >> 31)) * 0xBF58476D1CE4E5B9;
            logits[id] = ((bits >> 40) / (float)(1 << 24) * 10) - 5;
        }
    }

    private int Slot(StepSequence sequence, int position) => (sequence.BlockTable[position / shape.BlockSize] * shape.BlockSize) + (position % shape.BlockSize);

    private void Check(StepBatch batch, int logits)
    {
        if (batch.TokenIds.Count > maxBatchTokens) Violations.Add($"{batch.TokenIds.Count} tokens in a step");
        if (batch.Sequences.Count > maxSequences) Violations.Add($"{batch.Sequences.Count} sequences in a step");
        if (batch.LogitRows.Count > maxRows) Violations.Add($"{batch.LogitRows.Count} rows in a step");
        if (logits != batch.LogitRows.Count * shape.VocabularySize) Violations.Add("logits have another size than the rows");
        var expected = 0;
        foreach (var sequence in CollectionsMarshal.AsSpan(batch.Sequences))
        {
            if (sequence.TokenStart != expected || sequence.TokenCount < 1) Violations.Add("tokens are not contiguous");
            expected += sequence.TokenCount;
            if (sequence.BlockTable.Count * shape.BlockSize < sequence.ContextLength + sequence.TokenCount) Violations.Add("block table too short");
            if (sequence.ContextLength + sequence.TokenCount > shape.MaxPositions) Violations.Add("beyond the positions");
        }

        if (expected != batch.TokenIds.Count) Violations.Add("tokens without a sequence");
        CheckWrites(batch);
    }

    /// <summary>A block that one sequence writes in this step may be in no other table of the step.</summary>
    private void CheckWrites(StepBatch batch)
    {
        var owners = new Dictionary<int, int>();
        for (var s = 0; s < batch.Sequences.Count; s++)
        {
            var sequence = batch.Sequences[s];
            for (var b = sequence.ContextLength / shape.BlockSize; b < sequence.BlockTable.Count; b++)
                if (!owners.TryAdd(sequence.BlockTable[b], s)) Violations.Add($"block {sequence.BlockTable[b]} has two writers");
        }

        for (var s = 0; s < batch.Sequences.Count; s++)
            for (var b = 0; b < batch.Sequences[s].ContextLength / shape.BlockSize; b++)
                if (owners.ContainsKey(batch.Sequences[s].BlockTable[b])) Violations.Add($"block {batch.Sequences[s].BlockTable[b]} is read and written");
    }
}
