using AttentionOperator.Inference.Execution;

namespace AttentionOperator.Inference.Engine;

/// <summary>
/// Computes the largest step that an engine's options allow, before the engine starts: what does not fit the memory, or does not give finite
/// numbers, shows now and not under load. Leaves nothing behind that an engine would reuse.
/// </summary>
public static class WarmUp
{
    /// <summary>As many tokens, sequences and logit rows in one step as options and cache admit.</summary>
    /// <returns>The number of tokens that were computed.</returns>
    /// <exception cref="InvalidOperationException">A logit is not finite.</exception>
    public static int Run(IDecoderExecutor executor, GenerationEngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(executor);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var encoderDecoder = executor as ISeq2SeqExecutor;
        if (encoderDecoder is not null) Encode(encoderDecoder, options);
        try
        {
            var batch = LargestStep(executor.Shape, options, encoderDecoder is null ? -1 : 0);
            var logits = new float[batch.LogitRows.Count * executor.Shape.VocabularySize];
            executor.Execute(batch, logits);
            RequireFinite(logits);
            return batch.TokenIds.Count;
        }
        finally
        {
            encoderDecoder?.Release(0);
        }
    }

    /// <summary>A full batch of the longest sequences, for each kind of output that the model has.</summary>
    /// <returns>The number of tokens of the batch.</returns>
    /// <exception cref="InvalidOperationException">A number of the output is not finite.</exception>
    public static int Run(IEncoderExecutor executor, EncoderEngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(executor);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var batch = new PackedBatch();
        while (batch.TokenIds.Count < options.MaxBatchTokens && batch.Starts.Count <= options.MaxBatchRequests)
        {
            var length = Math.Min(executor.MaxPositions, options.MaxBatchTokens - batch.TokenIds.Count);
            for (var i = 0; i < length; i++)
            {
                batch.TokenIds.Add(0);
                batch.TypeIds.Add(0);
            }

            batch.Starts.Add(batch.TokenIds.Count);
        }

        Compute(EncoderOutput.Embedding, executor.HiddenSize);
        if (executor.LabelCount > 0) Compute(EncoderOutput.Logits, executor.LabelCount);
        return batch.TokenIds.Count;

        void Compute(EncoderOutput kind, int width)
        {
            var output = new float[(batch.Starts.Count - 1) * width];
            executor.Execute(batch, kind, output);
            RequireFinite(output);
        }
    }

    private static void Encode(ISeq2SeqExecutor executor, GenerationEngineOptions options) =>
        executor.Encode(0, new int[Math.Max(1, Math.Min(executor.MaxEncoderPositions, options.MaxBatchTokens - 1))]);

    private static StepBatch LargestStep(DecoderShape shape, GenerationEngineOptions options, int crossSlot)
    {
        var batch = new StepBatch();
        var nextBlock = 0;
        while (batch.TokenIds.Count < options.MaxBatchTokens && batch.Sequences.Count < options.MaxSequences && nextBlock < shape.BlockCount)
        {
            // Places that are still to come get one token each at least, so that the step has all its sequences too.
            var others = options.MaxSequences - batch.Sequences.Count - 1;
            var length = Math.Min(options.MaxBatchTokens - batch.TokenIds.Count - others, Math.Min(options.MaxChunkTokens, shape.MaxPositions));
            length = Math.Min(length, Math.Max(1, shape.BlockCount - nextBlock - others) * shape.BlockSize);
            List<int> table = [];
            for (var tokens = 0; tokens < length; tokens += shape.BlockSize) table.Add(nextBlock++);
            batch.Sequences.Add(new StepSequence(batch.TokenIds.Count, length, 0, table, crossSlot));
            for (var i = 0; i < length; i++) batch.TokenIds.Add(0);
            var rows = Math.Min(length, batch.Sequences.Count == 1 ? 1 + options.PromptLogProbRows : 1);
            for (var row = rows; row > 0; row--) batch.LogitRows.Add(batch.TokenIds.Count - row);
        }

        return batch;
    }

    private static void RequireFinite(ReadOnlySpan<float> numbers)
    {
        foreach (var number in numbers)
            if (!float.IsFinite(number)) throw new InvalidOperationException("The warm-up gave numbers that are not finite: the weights are damaged, or the precision is too low for this model.");
    }
}
