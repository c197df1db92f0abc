namespace AttentionOperator.Inference.Execution;

/// <summary>Checks a step before anything is computed: a wrong block table would overwrite another request's cache.</summary>
public static class StepBatches
{
    /// <exception cref="ArgumentException">Names the sequence and what is wrong with it.</exception>
    public static void Verify(StepBatch batch, DecoderShape shape, int logitsLength)
    {
        var next = 0;
        for (var i = 0; i < batch.Sequences.Count; i++)
        {
            var sequence = batch.Sequences[i];
            if (sequence.TokenStart != next || sequence.TokenCount <= 0 || sequence.ContextLength < 0)
                throw new ArgumentException($"sequence {i}: tokens [{sequence.TokenStart}, +{sequence.TokenCount}) after {next} tokens, context {sequence.ContextLength}", nameof(batch));
            next += sequence.TokenCount;
            var length = (long)sequence.ContextLength + sequence.TokenCount;
            if (length > shape.MaxPositions)
                throw new ArgumentException($"sequence {i}: {length} tokens, the model has {shape.MaxPositions} positions", nameof(batch));
            if (length > (long)sequence.BlockTable.Count * shape.BlockSize)
                throw new ArgumentException($"sequence {i}: {sequence.BlockTable.Count} blocks of {shape.BlockSize} do not hold {length} tokens", nameof(batch));
            foreach (var block in sequence.BlockTable)
                if ((uint)block >= (uint)shape.BlockCount)
                    throw new ArgumentException($"sequence {i}: block {block}, the cache has {shape.BlockCount}", nameof(batch));
        }

        if (next != batch.TokenIds.Count)
            throw new ArgumentException($"{batch.TokenIds.Count} tokens, the sequences own {next}", nameof(batch));
        if (logitsLength < (long)batch.LogitRows.Count * shape.VocabularySize)
            throw new ArgumentException($"{logitsLength} floats do not hold {batch.LogitRows.Count} rows of {shape.VocabularySize} logits", nameof(batch));
        foreach (var id in batch.TokenIds)
            if ((uint)id >= (uint)shape.VocabularySize)
                throw new ArgumentException($"token id {id}, the vocabulary has {shape.VocabularySize}", nameof(batch));
        foreach (var row in batch.LogitRows)
            if ((uint)row >= (uint)batch.TokenIds.Count)
                throw new ArgumentException($"logit row {row} of {batch.TokenIds.Count} tokens", nameof(batch));
    }
}
