using System.Globalization;

namespace AttentionOperator.InferenceBench.Decoders;

/// <summary>A Llama of 125 million parameters with random weights: 768 hidden, 12 layers, 12/4 heads, 2048 inner, 32k vocabulary, untied.</summary>
internal static class LlamaShape
{
    public const int Hidden = 768, Layers = 12, Heads = 12, KeyValueHeads = 4, HeadSize = Hidden / Heads, Inner = 2048, Vocabulary = 32_000, MaxPositions = 2048;

    /// <summary>Parameters of the matrices that every token multiplies; of the embedding's table it reads one row.</summary>
    public const long MatrixParameters = Layers * ((long)Hidden * (2 * Hidden + 2 * KeyValueHeads * HeadSize) + 3L * Hidden * Inner) + (long)Vocabulary * Hidden;

    /// <summary>Those that every token of a prompt multiplies: the vocabulary's projection sees its last token alone.</summary>
    public const long PromptParameters = MatrixParameters - (long)Vocabulary * Hidden;

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
        SafetensorsFile.Write(Path.Combine(directory, "model.safetensors"), Tensors(), bfloat16);
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
