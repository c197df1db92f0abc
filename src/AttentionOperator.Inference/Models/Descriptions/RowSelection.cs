namespace AttentionOperator.Inference.Models.Descriptions;

/// <summary>
/// Rows of a fused matrix: <paramref name="Groups"/> runs of <paramref name="RowsPerGroup"/> rows, the first at
/// <paramref name="Start"/>, each <paramref name="GroupStride"/> after the one before. One run is a plain slice; several are
/// GPT-NeoX's per-head interleaving of query, key and value.
/// </summary>
public readonly record struct RowSelection(int Start, int RowsPerGroup, int Groups = 1, int GroupStride = 0)
{
    public int Count => RowsPerGroup * Groups;

    /// <summary>Stored row of output row <paramref name="index"/>.</summary>
    public int this[int index] => Groups == 1 ? Start + index : Start + index / RowsPerGroup * GroupStride + index % RowsPerGroup;

    public static RowSelection All(int rows) => new(0, rows);
}
