namespace AttentionOperator.Inference.Simd.Kernels;

/// <summary>
/// Activations in 8 bits with a scale per group: x ≈ scale · q. Halved says that a group's even columns come before its odd ones, as the
/// halves of 4-bit weights unpack. Sums are scale · Σ q of a group, for the weights' minima.
/// </summary>
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
}

/// <summary>Rows of a <see cref="Quantization.QuantizedMatrix"/> with groups of 32.</summary>
internal readonly unsafe struct QuantizedView(byte* data, float* scales, float* minima, int groups, int groupBytes, Models.Descriptions.RowSelection selection)
{
    public readonly float* Scales = scales;
    public readonly float* Minima = minima;
    public readonly int Groups = groups;
    public readonly Models.Descriptions.RowSelection Selection = selection;

    private readonly byte* _data = data;
    private readonly int _groupBytes = groupBytes;

    public byte* Row(int stored) => _data + (nint)stored * Groups * _groupBytes;
}
