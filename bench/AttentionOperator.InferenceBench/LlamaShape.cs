using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace AttentionOperator.InferenceBench;

/// <summary>A Llama of 125 million parameters with random weights: 768 hidden, 12 layers, 12/4 heads, 2048 inner, 32k vocabulary, untied.</summary>
internal static class LlamaShape
{
    public const int Hidden = 768, Layers = 12, Heads = 12, KeyValueHeads = 4, HeadSize = Hidden / Heads, Inner = 2048, Vocabulary = 32_000, MaxPositions = 2048;

    /// <summary>Parameters of the matrices that every token multiplies; of the embedding's table it reads one row.</summary>
    public const long MatrixParameters = Layers * ((long)Hidden * (2 * Hidden + 2 * KeyValueHeads * HeadSize) + 3L * Hidden * Inner) + (long)Vocabulary * Hidden;

    private static readonly string Config = string.Create(CultureInfo.InvariantCulture, $$"""
        {"architectures": ["LlamaForCausalLM"], "hidden_size": {{Hidden}}, "num_hidden_layers": {{Layers}}, "num_attention_heads": {{Heads}},
         "num_key_value_heads": {{KeyValueHeads}}, "intermediate_size": {{Inner}}, "vocab_size": {{Vocabulary}}, "max_position_embeddings": {{MaxPositions}},
         "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "hidden_act": "silu", "tie_word_embeddings": false, "torch_dtype": "DTYPE"}
        """);

    /// <summary>Writes config.json and model.safetensors. The same seed gives the same weights, rounded to the type.</summary>
    public static void Write(string directory, bool bfloat16)
    {
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "config.json"), Config.Replace("DTYPE", bfloat16 ? "bfloat16" : "float32", StringComparison.Ordinal));
        var tensors = Tensors().ToArray();
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
        using var file = new FileStream(Path.Combine(directory, "model.safetensors"), FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        file.Write(BitConverter.GetBytes((ulong)json.Length));
        file.Write(json);
        var random = new Random(1);
        foreach (var (_, shape) in tensors)
            WriteTensor(file, random, shape, bfloat16);
    }

    private static void WriteTensor(FileStream file, Random random, int[] shape, bool bfloat16)
    {
        var (columns, scale) = (shape[^1], 2 / MathF.Sqrt(shape[^1]));
        var row = new float[columns];
        var halves = new ushort[columns];
        for (var r = 0; r < (shape.Length == 1 ? 1 : shape[0]); r++)
        {
            for (var i = 0; i < columns; i++)
                row[i] = shape.Length == 1 ? 1 : (random.NextSingle() - 0.5f) * scale;
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

    private static IEnumerable<(string Name, int[] Shape)> Tensors()
    {
        yield return ("model.embed_tokens.weight", [Vocabulary, Hidden]);
        for (var i = 0; i < Layers; i++)
        {
            var layer = string.Create(CultureInfo.InvariantCulture, $"model.layers.{i}.");
            yield return (layer + "input_layernorm.weight", [Hidden]);
            yield return (layer + "self_attn.q_proj.weight", [Hidden, Hidden]);
            yield return (layer + "self_attn.k_proj.weight", [KeyValueHeads * HeadSize, Hidden]);
            yield return (layer + "self_attn.v_proj.weight", [KeyValueHeads * HeadSize, Hidden]);
            yield return (layer + "self_attn.o_proj.weight", [Hidden, Hidden]);
            yield return (layer + "post_attention_layernorm.weight", [Hidden]);
            yield return (layer + "mlp.gate_proj.weight", [Inner, Hidden]);
            yield return (layer + "mlp.up_proj.weight", [Inner, Hidden]);
            yield return (layer + "mlp.down_proj.weight", [Hidden, Inner]);
        }

        yield return ("model.norm.weight", [Hidden]);
        yield return ("lm_head.weight", [Vocabulary, Hidden]);
    }
}
