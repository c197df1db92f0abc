using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Models.Blocks;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Models;

/// <summary>BART: learned positions with two rows in front, post-norm, a bias on the logits.</summary>
internal static class Bart
{
    /// <summary>Rows of the position table before position 0.</summary>
    private const int PositionOffset = 2;

    public static ModelDescription Describe(ConfigReader config, TensorNames names, string architecture)
    {
        config.RequireFalse("normalize_before", "pre-norm BART is another architecture");
        config.RequireFalse("add_final_layer_norm", "a final norm is another architecture");
        config.RequireFalse("static_position_embeddings", "positions are read from the learned table");
        config.RequireTrue("normalize_embedding", "the embedding's norm is always applied");
        var hidden = config.Int("d_model");
        var prefix = names.Prefix("shared.weight", "model.", "");
        var shared = !names.Has($"{prefix}shared.weight") && names.Has($"{prefix}encoder.embed_tokens.weight") ? $"{prefix}encoder.embed_tokens.weight" : $"{prefix}shared.weight";
        var embedding = new TensorDescription(shared, config.Int("vocab_size"), hidden);
        var bias = names.Lacks("final_logits_bias") ? null : new TensorDescription("final_logits_bias", 1, embedding.Shape[0]);
        return new ModelDescription
        {
            Architecture = architecture,
            Kind = ModelKind.EncoderDecoder,
            HiddenSize = hidden,
            VocabularySize = embedding.Shape[0],
            MaxPositions = config.Int("max_position_embeddings"),
            Encoder = Stack(config, names, embedding, $"{prefix}encoder", decoder: false),
            Decoder = Stack(config, names, embedding, $"{prefix}decoder", decoder: true),
            Output = new OutputDescription { Projection = names.VocabularyProjection("lm_head", embedding, config.BoolOr("tie_word_embeddings", true), bias) },
            DecoderStartId = config.IntOr("decoder_start_token_id", 2, min: 0),
            HarmlessTensors = [@"(model\.)?shared\.weight", @"(model\.)?(encoder|decoder)\.embed_tokens\.weight", @"(model\.)?(encoder|decoder)\.version"],
            StoredType = StoredTypes.Read(config),
        };
    }

    private static StackDescription Stack(ConfigReader config, TensorNames names, TensorDescription embedding, string name, bool decoder)
    {
        var hidden = embedding.Shape[1];
        return new StackDescription
        {
            Embedding = new EmbeddingDescription
            {
                Tokens = embedding,
                Scale = config.BoolOr("scale_embedding", false) ? MathF.Sqrt(hidden) : 1,
                Positions = new TensorDescription($"{name}.embed_positions.weight", config.Int("max_position_embeddings") + PositionOffset, hidden),
                PositionOffset = PositionOffset,
                Norm = Norm(names, $"{name}.layernorm_embedding", hidden),
            },
            Layers = [.. Enumerable.Range(0, config.Int(decoder ? "decoder_layers" : "encoder_layers", max: 4096)).Select(i => Layer(config, names, $"{name}.layers.{i}", hidden, decoder))],
        };
    }

    private static LayerDescription Layer(ConfigReader config, TensorNames names, string name, int hidden, bool decoder)
    {
        var side = decoder ? "decoder" : "encoder";
        var inner = config.Int($"{side}_ffn_dim");
        return new LayerDescription
        {
            Attention = Attention(config, $"{name}.self_attn", $"{side}_attention_heads", hidden, decoder ? AttentionMask.Causal : AttentionMask.Full),
            AttentionNorms = new NormPlacement(Residual: Norm(names, $"{name}.self_attn_layer_norm", hidden)),
            CrossAttention = decoder ? Attention(config, $"{name}.encoder_attn", $"{side}_attention_heads", hidden, AttentionMask.Full) : null,
            CrossNorms = decoder ? new NormPlacement(Residual: Norm(names, $"{name}.encoder_attn_layer_norm", hidden)) : null,
            FeedForward = new FeedForwardDescription
            {
                Activation = config.Activation("activation_function", "gelu"),
                Up = TensorNames.Linear($"{name}.fc1", inner, hidden, bias: true),
                Down = TensorNames.Linear($"{name}.fc2", hidden, inner, bias: true),
            },
            FeedForwardNorms = new NormPlacement(Residual: Norm(names, $"{name}.final_layer_norm", hidden)),
        };
    }

    private static AttentionDescription Attention(ConfigReader config, string name, string headsField, int hidden, AttentionMask mask)
    {
        var heads = config.Int(headsField, max: 65_536);
        var size = HeadSizes.Divide(config, "d_model", hidden, headsField, heads);
        LinearDescription Square(string part) => TensorNames.Linear($"{name}.{part}", hidden, hidden, bias: true);
        return new AttentionDescription
        {
            Heads = heads,
            KeyValueHeads = heads,
            HeadSize = size,
            Scale = (float)(1 / Math.Sqrt(size)),
            Mask = mask,
            Query = Square("q_proj"),
            Key = Square("k_proj"),
            Value = Square("v_proj"),
            Output = Square("out_proj"),
        };
    }

    private static NormDescription Norm(TensorNames names, string name, int hidden) => names.LayerNorm(name, hidden, 1e-5);
}
