using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Models.Blocks;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Models;

/// <summary>GPT-2: learned positions, matrices stored input-major, one for query, key and value.</summary>
internal static class Gpt2
{
    public static ModelDescription Describe(ConfigReader config, TensorNames names, string architecture)
    {
        config.RequireFalse("add_cross_attention", "the decoder would attend to an encoder that is not there");
        var hidden = Size(config, "n_embd", "hidden_size");
        var prefix = names.Prefix("wte.weight", "transformer.", "");
        var positions = Size(config, "n_positions", "max_position_embeddings");
        var embedding = new TensorDescription($"{prefix}wte.weight", config.Int("vocab_size"), hidden);
        var layers = Size(config, "n_layer", "num_hidden_layers");
        if (layers > 4096)
            throw config.Error("n_layer", $"{layers} layers are above 4096");
        var epsilon = config.NumberOr("layer_norm_epsilon", 1e-5, 0, 1);
        return new ModelDescription
        {
            Architecture = architecture,
            Kind = ModelKind.Decoder,
            HiddenSize = hidden,
            VocabularySize = embedding.Shape[0],
            MaxPositions = positions,
            Decoder = new StackDescription
            {
                Embedding = new EmbeddingDescription { Tokens = embedding, Positions = new TensorDescription($"{prefix}wpe.weight", positions, hidden) },
                Layers = [.. Enumerable.Range(0, layers).Select(i => Layer(config, names, $"{prefix}h.{i}", i, hidden, epsilon))],
                FinalNorm = names.LayerNorm($"{prefix}ln_f", hidden, epsilon),
            },
            Output = new OutputDescription { Projection = names.VocabularyProjection("lm_head", embedding, config.BoolOr("tie_word_embeddings", true)) },
            HarmlessTensors = [@"(transformer\.)?h\.\d+\.attn\.(masked_)?bias"],
            StoredType = StoredTypes.Read(config),
        };
    }

    private static LayerDescription Layer(ConfigReader config, TensorNames names, string name, int index, int hidden, double epsilon)
    {
        var heads = Size(config, "n_head", "num_attention_heads");
        var size = HeadSizes.Divide(config, "n_embd", hidden, "n_head", heads);
        var inner = config.OptionalInt("n_inner") ?? 4 * hidden;
        var scale = config.BoolOr("scale_attn_weights", true) ? 1 / Math.Sqrt(size) : 1;
        if (config.BoolOr("scale_attn_by_inverse_layer_idx", false))
            scale /= index + 1;
        var fused = TensorNames.Linear($"{name}.attn.c_attn", 3 * hidden, hidden, bias: true).Transposed();
        return new LayerDescription
        {
            Attention = new AttentionDescription
            {
                Heads = heads,
                KeyValueHeads = heads,
                HeadSize = size,
                Scale = (float)scale,
                Mask = AttentionMask.Causal,
                Query = fused.Slice(0, hidden),
                Key = fused.Slice(hidden, hidden),
                Value = fused.Slice(2 * hidden, hidden),
                Output = TensorNames.Linear($"{name}.attn.c_proj", hidden, hidden, bias: true).Transposed(),
            },
            AttentionNorms = new NormPlacement(names.LayerNorm($"{name}.ln_1", hidden, epsilon)),
            FeedForward = new FeedForwardDescription
            {
                Activation = config.Activation("activation_function", "gelu_new"),
                Up = TensorNames.Linear($"{name}.mlp.c_fc", inner, hidden, bias: true).Transposed(),
                Down = TensorNames.Linear($"{name}.mlp.c_proj", hidden, inner, bias: true).Transposed(),
            },
            FeedForwardNorms = new NormPlacement(names.LayerNorm($"{name}.ln_2", hidden, epsilon)),
        };
    }

    private static int Size(ConfigReader config, string field, string alias) => config.OptionalInt(field) ?? config.OptionalInt(alias) ?? config.Int(field);
}
