using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Attention;

/// <summary>
/// Cuts attention into chunks of query rows with just the keys that they see, so that the scores of a chunk stay within a bound and
/// sliding-window and block-sparse attention cost what they show: O(T·window) and O(T·(blocks + global)), not O(T²).
/// </summary>
public static class AttentionPlanner
{
    /// <summary>Chunks for queries [queryStart, queryEnd) over keys [0, keyEnd), each with at most <paramref name="maxScores"/> scores per head (but at least one row).</summary>
    public static void Plan(AttentionMask mask, int queryStart, int queryEnd, int keyEnd, int maxScores, List<AttentionChunk> chunks)
    {
        chunks.Clear();
        for (var start = queryStart; start < queryEnd;)
        {
            var end = mask.Sparse is { } sparse ? SparseEnd(sparse, start, queryEnd) : queryEnd;
            var chunk = Chunk(mask, start, end, keyEnd);
            if (end - start > 1 && (long)chunk.Rows * chunk.Keys > maxScores)
            {
                // Fewer rows see no more keys, so this bound holds for the shorter chunk too.
                end = start + Math.Max(1, RowsWithin(mask, start, end, keyEnd, maxScores));
                chunk = Chunk(mask, start, end, keyEnd);
            }

            chunks.Add(chunk);
            start = end;
        }
    }

    private static int RowsWithin(AttentionMask mask, int start, int end, int keyEnd, int maxScores)
    {
        int low = 1, high = end - start;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if ((long)middle * Chunk(mask, start, start + middle, keyEnd).Keys <= maxScores)
                low = middle;
            else
                high = middle - 1;
        }

        return low;
    }

    /// <summary>Global queries apart from the others, the others block by block.</summary>
    private static int SparseEnd(BlockSparsePattern sparse, int start, int queryEnd) =>
        Math.Min(queryEnd, start < sparse.GlobalTokens ? sparse.GlobalTokens : (start / sparse.BlockSize + 1) * sparse.BlockSize);

    private static AttentionChunk Chunk(AttentionMask mask, int start, int end, int keyEnd)
    {
        var first = (int)Math.Max(0L, (long)start - mask.Before);
        var last = (int)Math.Min(keyEnd, (long)end + mask.After);
        if (mask.Sparse is not { } sparse || start < sparse.GlobalTokens)
        {
            var whole = new KeyRange(Math.Min(first, last), last);
            return new AttentionChunk(start, end, whole, default, Masked: !AllVisible(mask, start, end, whole));
        }

        var local = new KeyRange(
            Math.Max(first, (start / sparse.BlockSize - sparse.NeighbourBlocks) * sparse.BlockSize),
            Math.Min(last, ((end - 1) / sparse.BlockSize + sparse.NeighbourBlocks + 1) * sparse.BlockSize));
        var global = new KeyRange(first, Math.Min(Math.Max(first, sparse.GlobalTokens), last));
        if (global.End >= local.Start)
            return Joined(mask, start, end, new KeyRange(Math.Min(global.Start, local.Start), Math.Max(global.End, local.End)));
        return new AttentionChunk(start, end, global, local, Masked: !(AllVisible(mask, start, end, global) && AllVisible(mask, start, end, local)));
    }

    private static AttentionChunk Joined(AttentionMask mask, int start, int end, KeyRange keys) =>
        new(start, end, keys, default, Masked: !AllVisible(mask, start, end, keys));

    /// <summary>Every query of the chunk sees every key of the range, as far as distance decides.</summary>
    private static bool AllVisible(AttentionMask mask, int start, int end, KeyRange keys) =>
        keys.Length == 0 || ((long)(end - 1) - keys.Start <= mask.Before && (long)(keys.End - 1) - start <= mask.After);
}
