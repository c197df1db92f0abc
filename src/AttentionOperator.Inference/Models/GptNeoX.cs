using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Models.Blocks;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Models;

/// <summary>GPT-NeoX and Pythia: partial rotary, query, key and value interleaved per head, parallel residual.</summary>
internal static class GptNeoX
{
    private const string Prefix = "gpt_neox.";

    public static ModelDescription Describe(ConfigReader config, TensorNames names, string architecture)
    {
        var hidden = config.Int("hidden_size");
        var positions = config.Int("max_position_embeddings");
        var epsilon = config.NumberOr("layer_norm_eps", 1e-5, 0, 1);
        var embedding = new TensorDescription($"{Prefix}embed_in.weight", config.Int("vocab_size"), hidden);
        return new ModelDescription
        {
            Architecture = architecture,
            Kind = ModelKind.Decoder,
            HiddenSize = hidden,
            VocabularySize = embedding.Shape[0],
            MaxPositions = positions,
            Decoder = new StackDescription
            {
                Embedding = new EmbeddingDescription { Tokens = embedding },
                Layers = [.. Enumerable.Range(0, config.Int("num_hidden_layers", max: 4096)).Select(i => Layer(config, names, $"{Prefix}layers.{i}", hidden, positions, epsilon))],
                FinalNorm = names.LayerNorm($"{Prefix}final_layer_norm", hidden, epsilon),
            },
            Output = new OutputDescription { Projection = names.VocabularyProjection("embed_out", embedding, config.BoolOr("tie_word_embeddings", false)) },
            HarmlessTensors = [@"gpt_neox\.layers\.\d+\.attention\.((masked_)?bias|rotary_emb\.inv_freq)"],
            StoredType = StoredTypes.Read(config),
        };
    }

    private static LayerDescription Layer(ConfigReader config, TensorNames names, string name, int hidden, int positions, double epsilon)
    {
        var heads = config.Int("num_attention_heads", max: 65_536);
        var size = HeadSizes.Divide(config, "hidden_size", hidden, "num_attention_heads", heads);
        var inner = config.Int("intermediate_size");
        var bias = config.BoolOr("attention_bias", true);
        var fused = TensorNames.Linear($"{name}.attention.query_key_value", 3 * hidden, hidden, bias);
        return new LayerDescription
        {
            Attention = new AttentionDescription
            {
                Heads = heads,
                KeyValueHeads = heads,
                HeadSize = size,
                Scale = (float)(1 / Math.Sqrt(size)),
                Mask = AttentionMask.Causal,
                Rotary = RotaryScaling.Read(config, new RotarySettings
                {
                    DefaultTheta = 10_000,
                    HeadSize = size,
                    MaxPositions = positions,
                    ThetaField = config.Has("rotary_emb_base") ? "rotary_emb_base" : "rope_theta",
                    PartialField = "rotary_pct",
                    DefaultPartial = 0.25,
                }),
                Query = fused.PerHead(0, 3, heads, size),
                Key = fused.PerHead(1, 3, heads, size),
                Value = fused.PerHead(2, 3, heads, size),
                Output = TensorNames.Linear($"{name}.attention.dense", hidden, hidden, bias),
            },
            AttentionNorms = new NormPlacement(names.LayerNorm($"{name}.input_layernorm", hidden, epsilon)),
            FeedForward = new FeedForwardDescription
            {
                Activation = config.Activation("hidden_act", "gelu"),
                Up = TensorNames.Linear($"{name}.mlp.dense_h_to_4h", inner, hidden, bias: true),
                Down = TensorNames.Linear($"{name}.mlp.dense_4h_to_h", hidden, inner, bias: true),
            },
            FeedForwardNorms = new NormPlacement(names.LayerNorm($"{name}.post_attention_layernorm", hidden, epsilon)),
            Parallel = config.BoolOr("use_parallel_residual", true),
        };
    }
}
