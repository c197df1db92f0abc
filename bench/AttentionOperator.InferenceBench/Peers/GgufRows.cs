using System.Runtime.InteropServices;

namespace AttentionOperator.InferenceBench.Peers;

/// <summary>Rows of float32 → a GGUF format, rounded as ggml's own reference quantizer rounds.</summary>
internal static class GgufRows
{
    private const int Group = 32;

    public static long Bytes(GgufFormat format, long elements) => format switch
    {
        GgufFormat.F32 => elements * 4,
        GgufFormat.BF16 => elements * 2,
        GgufFormat.Q8_0 => elements / Group * (2 + Group),
        GgufFormat.Q4_0 => elements / Group * (2 + Group / 2),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };

    public static void Write(Stream file, GgufFormat format, ReadOnlySpan<float> row)
    {
        switch (format)
        {
            case GgufFormat.F32:
                file.Write(MemoryMarshal.AsBytes(row));
                break;
            case GgufFormat.BF16:
                foreach (var value in row)
                    file.Write(BitConverter.GetBytes(Round(value)));
                break;
            case GgufFormat.Q8_0:
                for (var i = 0; i < row.Length; i += Group)
                    WriteBytes(file, row.Slice(i, Group));
                break;
            default:
                for (var i = 0; i < row.Length; i += Group)
                    WriteHalves(file, row.Slice(i, Group));
                break;
        }
    }

    private static ushort Round(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
    }

    private static void WriteBytes(Stream file, ReadOnlySpan<float> values)
    {
        float most = 0;
        foreach (var value in values)
            most = Math.Max(most, Math.Abs(value));
        var scale = most / 127;
        Span<byte> block = stackalloc byte[2 + Group];
        BitConverter.TryWriteBytes(block, (Half)scale);
        for (var i = 0; i < Group; i++)
            block[2 + i] = scale == 0 ? (byte)0 : (byte)(sbyte)MathF.Round(values[i] / scale);
        file.Write(block);
    }

    private static void WriteHalves(Stream file, ReadOnlySpan<float> values)
    {
        float extreme = 0;
        foreach (var value in values)
            extreme = Math.Abs(value) > Math.Abs(extreme) ? value : extreme;
        var scale = extreme / -8;
        Span<byte> block = stackalloc byte[2 + Group / 2];
        BitConverter.TryWriteBytes(block, (Half)scale);
        for (var i = 0; i < Group / 2; i++)
            block[2 + i] = (byte)(Level(values[i], scale) | Level(values[i + Group / 2], scale) << 4);
        file.Write(block);
    }

    private static int Level(float value, float scale) => scale == 0 ? 8 : Math.Min(15, (int)(value / scale + 8.5f));
}
