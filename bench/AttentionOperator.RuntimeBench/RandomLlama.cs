using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace AttentionOperator.RuntimeBench;

/// <summary>A Llama with random weights in float32, as a directory that the runtime loads.</summary>
internal sealed record RandomLlama(int Hidden, int Layers, int Heads, int KeyValueHeads, int Inner, int Vocabulary, int Positions)
{
    /// <summary>125 million parameters, 500 MB.</summary>
    public static readonly RandomLlama Large = new(768, 12, 12, 4, 2048, 32_000, 2048);

    /// <summary>4 million parameters: small enough that a laptop serves it at a rate at which an overload is one.</summary>
    public static readonly RandomLlama Small = new(192, 6, 6, 3, 512, 2048, 4096);

    private const int HeaderAlignment = 64;

    /// <summary>Writes the model, with the tokenizer of another directory, whose vocabulary must not be larger.</summary>
    public void Write(string directory, string tokenizer)
    {
        Directory.CreateDirectory(directory);
        foreach (var file in (string[])["tokenizer.json", "tokenizer_config.json"]) File.Copy(Path.Combine(tokenizer, file), Path.Combine(directory, file), overwrite: true);
        File.WriteAllText(Path.Combine(directory, "config.json"), string.Create(CultureInfo.InvariantCulture, $$"""
            {"architectures": ["LlamaForCausalLM"], "hidden_size": {{Hidden}}, "num_hidden_layers": {{Layers}}, "num_attention_heads": {{Heads}},
             "num_key_value_heads": {{KeyValueHeads}}, "intermediate_size": {{Inner}}, "vocab_size": {{Vocabulary}}, "max_position_embeddings": {{Positions}},
             "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "hidden_act": "silu", "tie_word_embeddings": false, "torch_dtype": "float32"}
            """));
        var tensors = Tensors().ToArray();
        var header = new StringBuilder("{");
        long offset = 0;
        foreach (var (name, rows, columns) in tensors)
        {
            var bytes = (long)Math.Max(rows, 1) * columns * sizeof(float);
            var shape = rows == 0 ? $"{columns}" : $"{rows},{columns}";
            header.Append(CultureInfo.InvariantCulture, $"{(offset == 0 ? "" : ",")}\"{name}\":{{\"dtype\":\"F32\",\"shape\":[{shape}],\"data_offsets\":[{offset},{offset + bytes}]}}");
            offset += bytes;
        }

        header.Append('}');
        while ((header.Length + sizeof(ulong)) % HeaderAlignment != 0) header.Append(' ');
        using var weights = new FileStream(Path.Combine(directory, "model.safetensors"), FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        weights.Write(BitConverter.GetBytes((ulong)header.Length));
        weights.Write(Encoding.ASCII.GetBytes(header.ToString()));
        var random = new Random(1);
        foreach (var (_, rows, columns) in tensors) WriteTensor(weights, random, rows, columns);
    }

    private static void WriteTensor(FileStream weights, Random random, int rows, int columns)
    {
        var row = new float[columns];
        var scale = 2 / MathF.Sqrt(columns);
        for (var r = 0; r < Math.Max(rows, 1); r++)
        {
            for (var i = 0; i < columns; i++) row[i] = rows == 0 ? 1 : (random.NextSingle() - 0.5f) * scale;
            weights.Write(MemoryMarshal.AsBytes(row.AsSpan()));
        }
    }

    /// <summary>Names and shapes; no rows = a vector.</summary>
    private IEnumerable<(string Name, int Rows, int Columns)> Tensors()
    {
        var keys = Hidden / Heads * KeyValueHeads;
        yield return ("model.embed_tokens.weight", Vocabulary, Hidden);
        for (var i = 0; i < Layers; i++)
        {
            var layer = string.Create(CultureInfo.InvariantCulture, $"model.layers.{i}.");
            yield return (layer + "input_layernorm.weight", 0, Hidden);
            yield return (layer + "self_attn.q_proj.weight", Hidden, Hidden);
            yield return (layer + "self_attn.k_proj.weight", keys, Hidden);
            yield return (layer + "self_attn.v_proj.weight", keys, Hidden);
            yield return (layer + "self_attn.o_proj.weight", Hidden, Hidden);
            yield return (layer + "post_attention_layernorm.weight", 0, Hidden);
            yield return (layer + "mlp.gate_proj.weight", Inner, Hidden);
            yield return (layer + "mlp.up_proj.weight", Inner, Hidden);
            yield return (layer + "mlp.down_proj.weight", Hidden, Inner);
        }

        yield return ("model.norm.weight", 0, Hidden);
        yield return ("lm_head.weight", Vocabulary, Hidden);
    }
}
