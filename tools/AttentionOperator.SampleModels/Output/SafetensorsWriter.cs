using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using TorchSharp;

namespace AttentionOperator.SampleModels.Output;

/// <summary>Writes float32 tensors as a bfloat16 <c>model.safetensors</c>, in the order of their names.</summary>
internal static class SafetensorsWriter
{
    public static void Write(string path, IReadOnlyDictionary<string, torch.Tensor> tensors)
    {
        var header = new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };
        var ordered = tensors.OrderBy(t => t.Key, StringComparer.Ordinal).ToList();
        long offset = 0;
        foreach (var (name, tensor) in ordered)
        {
            var bytes = tensor.numel() * 2;
            header[name] = new JsonObject
            {
                ["dtype"] = "BF16",
                ["shape"] = new JsonArray(tensor.shape.Select(d => (JsonNode)d).ToArray()),
                ["data_offsets"] = new JsonArray(offset, offset + bytes),
            };
            offset += bytes;
        }

        var json = Encoding.UTF8.GetBytes(header.ToJsonString());
        // The format asks for the data to start at a multiple of 8; the header is padded with spaces.
        var padded = (json.Length + 7) / 8 * 8;
        using var file = File.Create(path);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)padded);
        file.Write(length);
        file.Write(json);
        for (var i = json.Length; i < padded; i++) file.WriteByte((byte)' ');
        foreach (var (_, tensor) in ordered)
        {
            using var flat = tensor.detach().to(torch.ScalarType.Float32).contiguous();
            var values = flat.data<float>().ToArray();
            var bytes = new byte[values.Length * 2];
            for (var i = 0; i < values.Length; i++) BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(i * 2), RoundToBFloat16(values[i]));
            file.Write(bytes);
        }
    }

    /// <summary>Round to nearest, ties to even.</summary>
    internal static ushort RoundToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
