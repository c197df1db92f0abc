using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Simd.Kernels;

/// <summary>Activations in 8 bits with a scale per group: x ≈ scale · q. Sums are scale · Σ q of a group, for the weights' minima.</summary>
internal readonly unsafe struct QuantizedRows(sbyte* data, float* scales, float* sums, int groups, int rows)
{
    /// <summary>Columns per group; the kernels' unrolling is for this.</summary>
    public const int GroupSize = 32;

    public readonly sbyte* Data = data;
    public readonly float* Scales = scales;
    public readonly float* Sums = sums;
    public readonly int Groups = groups;
    public readonly int Rows = rows;

    public sbyte* Row(int row) => Data + (nint)row * Groups * GroupSize;

    public QuantizedRows Slice(int first, int count) => new(Row(first), Scales + (nint)first * Groups, Sums + (nint)first * Groups, Groups, count);
}

/// <summary>Panels of a <see cref="QuantizedPanels"/>; Selection says which stored rows are meant.</summary>
internal readonly unsafe struct PanelView(byte* data, ushort* scales, int groups, int groupBytes, int groupScales, RowSelection selection)
{
    public readonly RowSelection Selection = selection;

    /// <summary>[groups, groupBytes] of a panel.</summary>
    public byte* Data(int panel) => data + (nint)panel * groups * groupBytes;

    /// <summary>[groups, groupScales] of a panel, upper halves of float32 values: eight scales, then, with 4 bits, eight minima.</summary>
    public ushort* Scales(int panel) => scales + (nint)panel * groups * groupScales;
}
