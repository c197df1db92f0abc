using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace AttentionOperator.InferenceBench;

/// <summary>Writes random tensors: the same seed gives the same weights, rounded to the type.</summary>
internal static class SafetensorsFile
{
    /// <summary>Vectors whose name says norm are one, other vectors zero; matrices are uniform with a deviation that keeps activations of order one.</summary>
    public static void Write(string path, IEnumerable<(string Name, int[] Shape)> list, bool bfloat16)
    {
        var tensors = list.ToArray();
        var size = bfloat16 ? 2 : 4;
        var header = new StringBuilder("{");
        long offset = 0;
        foreach (var (name, shape) in tensors)
        {
            var bytes = shape.Aggregate(1L, (a, b) => a * b) * size;
            header.Append(CultureInfo.InvariantCulture, $"{(offset == 0 ? "" : ",")}\"{name}\":{{\"dtype\":\"{(bfloat16 ? "BF16" : "F32")}\",\"shape\":[{string.Join(',', shape)}],\"data_offsets\":[{offset},{offset + bytes}]}}");
            offset += bytes;
        }

        header.Append('}');
        var json = Encoding.UTF8.GetBytes(header.ToString().PadRight((header.Length + 63) / 64 * 64 - 8 + 64));
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        file.Write(BitConverter.GetBytes((ulong)json.Length));
        file.Write(json);
        var random = new Random(1);
        foreach (var (name, shape) in tensors)
            WriteTensor(file, random, shape, name.Contains("norm.weight", StringComparison.OrdinalIgnoreCase) ? 1 : 0, bfloat16);
    }

    private static void WriteTensor(FileStream file, Random random, int[] shape, float constant, bool bfloat16)
    {
        var (columns, scale) = (shape[^1], 2 / MathF.Sqrt(shape[^1]));
        var row = new float[columns];
        var halves = new ushort[columns];
        for (var r = 0; r < (shape.Length == 1 ? 1 : shape[0]); r++)
        {
            for (var i = 0; i < columns; i++)
                row[i] = shape.Length == 1 ? constant : (random.NextSingle() - 0.5f) * scale;
            if (!bfloat16)
            {
                file.Write(MemoryMarshal.AsBytes(row.AsSpan()));
                continue;
            }

            for (var i = 0; i < columns; i++)
                halves[i] = (ushort)(BitConverter.SingleToUInt32Bits(row[i]) >> 16);
            file.Write(MemoryMarshal.AsBytes(halves.AsSpan()));
        }
    }
}
