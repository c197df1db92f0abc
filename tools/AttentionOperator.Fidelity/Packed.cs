using AttentionOperator.Inference.Execution;

namespace AttentionOperator.Fidelity;

internal static class Packed
{
    public static PackedBatch Of(params IReadOnlyList<(int[] Ids, int[] Types)> sequences)
    {
        var batch = new PackedBatch();
        foreach (var (ids, types) in sequences)
        {
            batch.TokenIds.AddRange(ids);
            batch.TypeIds.AddRange(types);
            batch.Starts.Add(batch.TokenIds.Count);
        }

        return batch;
    }
}
