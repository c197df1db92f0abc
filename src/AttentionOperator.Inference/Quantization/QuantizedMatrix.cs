namespace AttentionOperator.Inference.Quantization;

/// <summary>
/// A matrix [rows, columns] in 8 or 4 bits with a scale per group of <see cref="GroupSize"/> columns of a row.
/// 8 bits, symmetric: w = scale · q, q from −127 to 127. 4 bits, asymmetric: w = scale · q + minimum, q from 0 to 15, the even
/// column in the low half of a byte. Rows are padded to whole groups; padding is not part of the matrix. Scales and minima have the precision of
/// bfloat16, in which they are stored: rounded outwards, so that the levels still span the group, and levels are chosen with the rounded ones.
/// </summary>
public sealed class QuantizedMatrix
{
    public const int DefaultGroupSize = 32;

    private QuantizedMatrix(int rows, int columns, int bits, int groupSize)
    {
        (Rows, Columns, Bits, GroupSize) = (rows, columns, bits, groupSize);
        Data = new byte[checked((long)rows * BytesPerRow)];
        Scales = new float[checked((long)rows * Groups)];
        Minima = bits == 4 ? new float[Scales.Length] : [];
    }

    public int Rows { get; }

    public int Columns { get; }

    /// <summary>8 or 4.</summary>
    public int Bits { get; }

    public int GroupSize { get; }

    /// <summary>Groups per row.</summary>
    public int Groups => (Columns + GroupSize - 1) / GroupSize;

    public int BytesPerRow => Groups * GroupSize * Bits / 8;

    /// <summary>[rows, BytesPerRow]: signed bytes, or pairs of halves.</summary>
    public byte[] Data { get; }

    /// <summary>[rows, Groups], each a bfloat16 number.</summary>
    public float[] Scales { get; }

    /// <summary>[rows, Groups] with 4 bits, each a bfloat16 number; empty with 8.</summary>
    public float[] Minima { get; }

    public long ByteLength => Bytes(Rows, Columns, Bits, GroupSize);

    /// <summary>Memory of a matrix in this format.</summary>
    public static long Bytes(long rows, long columns, int bits, int groupSize = DefaultGroupSize)
    {
        var groups = (columns + groupSize - 1) / groupSize;
        return rows * groups * (groupSize * bits / 8 + (bits == 4 ? 4 : 2));
    }

    /// <param name="row">Fills the span [columns] with row i.</param>
    public static QuantizedMatrix Quantize(int rows, int columns, int bits, Action<int, Span<float>> row, int groupSize = DefaultGroupSize)
    {
        if (bits is not (4 or 8))
            throw new ArgumentOutOfRangeException(nameof(bits), bits, "8 or 4");
        if (groupSize <= 0 || groupSize % 2 != 0)
            throw new ArgumentOutOfRangeException(nameof(groupSize), groupSize, "a positive even number");
        var matrix = new QuantizedMatrix(rows, columns, bits, groupSize);
        var values = new float[columns];
        for (var i = 0; i < rows; i++)
        {
            row(i, values);
            for (var g = 0; g < matrix.Groups; g++)
                matrix.Write(i, g, values.AsSpan(g * groupSize, Math.Min(groupSize, columns - g * groupSize)));
        }

        return matrix;
    }

    /// <summary>Row i in float32.</summary>
    public void Dequantize(int row, Span<float> values)
    {
        for (var column = 0; column < Columns; column++)
        {
            var group = row * Groups + column / GroupSize;
            values[column] = Bits == 8
                ? Scales[group] * (sbyte)Data[(long)row * BytesPerRow + column]
                : Scales[group] * Half(row, column) + Minima[group];
        }
    }

    private int Half(int row, int column)
    {
        var pair = Data[(long)row * BytesPerRow + column / 2];
        return column % 2 == 0 ? pair & 0xF : pair >> 4;
    }

    private void Write(int row, int group, ReadOnlySpan<float> values)
    {
        float min = float.MaxValue, max = float.MinValue;
        foreach (var value in values)
            (min, max) = (Math.Min(min, value), Math.Max(max, value));
        var index = row * Groups + group;
        var start = (long)row * BytesPerRow + group * GroupSize * Bits / 8;
        if (Bits == 8)
        {
            var scale = Scales[index] = RoundUp(Math.Max(Math.Abs(min), Math.Abs(max)) / 127);
            for (var i = 0; i < values.Length; i++)
                Data[start + i] = scale == 0 ? (byte)0 : (byte)(sbyte)Math.Clamp(MathF.Round(values[i] / scale), -127, 127);
            return;
        }

        min = Minima[index] = -RoundUp(-min);
        var step = Scales[index] = RoundUp((max - min) / 15);
        for (var i = 0; i < values.Length; i++)
        {
            var level = step == 0 ? 0 : (int)Math.Clamp(MathF.Round((values[i] - min) / step), 0, 15);
            Data[start + i / 2] |= (byte)(i % 2 == 0 ? level : level << 4);
        }
    }

    /// <summary>The nearest bfloat16 number that is not less.</summary>
    private static float RoundUp(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        // Towards infinity: up in magnitude where positive, the lower half cut off where negative.
        return BitConverter.UInt32BitsToSingle((value > 0 ? bits + 0xFFFF : bits) & 0xFFFF0000);
    }
}
