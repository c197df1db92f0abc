using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Models.Blocks;

internal static class Linears
{
    /// <summary>A run of a fused matrix's rows.</summary>
    public static LinearDescription Slice(this LinearDescription fused, int start, int count) => fused with { Rows = new RowSelection(start, count) };

    /// <summary>Row <paramref name="index"/> of [heads, parts, size] rows.</summary>
    public static LinearDescription PerHead(this LinearDescription fused, int index, int parts, int heads, int size) =>
        fused with { Rows = new RowSelection(index * size, size, heads, parts * size) };

    /// <summary>The same matrix, stored as [input, rows].</summary>
    public static LinearDescription Transposed(this LinearDescription linear) =>
        linear with { Weight = linear.Weight with { Shape = [linear.Weight.Shape[1], linear.Weight.Shape[0]] }, InputMajor = true };
}
