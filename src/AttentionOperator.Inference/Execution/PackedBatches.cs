namespace AttentionOperator.Inference.Execution;

/// <summary>Checks a packed batch before anything is computed.</summary>
public static class PackedBatches
{
    /// <exception cref="ArgumentException">Names what is wrong.</exception>
    public static void Verify(PackedBatch batch, int vocabulary, int typeCount, int maxPositions)
    {
        if (batch.Starts.Count == 0 || batch.Starts[0] != 0 || batch.Starts[^1] != batch.TokenIds.Count)
            throw new ArgumentException($"starts must run from 0 to the {batch.TokenIds.Count} tokens", nameof(batch));
        for (var s = 1; s < batch.Starts.Count; s++)
            if (batch.Starts[s] - batch.Starts[s - 1] is var length && (length <= 0 || length > maxPositions))
                throw new ArgumentException($"sequence {s - 1}: {length} tokens, the model takes 1 to {maxPositions}", nameof(batch));
        if (batch.TypeIds.Count != 0 && batch.TypeIds.Count != batch.TokenIds.Count)
            throw new ArgumentException($"{batch.TypeIds.Count} type ids for {batch.TokenIds.Count} tokens", nameof(batch));
        foreach (var id in batch.TokenIds)
            if ((uint)id >= (uint)vocabulary)
                throw new ArgumentException($"token id {id}, the vocabulary has {vocabulary}", nameof(batch));
        foreach (var type in batch.TypeIds)
            if (typeCount > 0 && (uint)type >= (uint)typeCount)
                throw new ArgumentException($"type id {type}, the model has {typeCount}", nameof(batch));
    }
}
