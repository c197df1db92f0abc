using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Models.Blocks;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Models;

/// <summary>T5, T5 1.1, Flan-T5: bucketed relative positions, unscaled scores, plain or gated feed-forward.</summary>
internal static class T5
{
    /// <summary>Relative positions set no limit; this one bounds what a request may ask for where config.json names none.</summary>
    private const int UnstatedPositions = 4096;

    public static ModelDescription Describe(ConfigReader config, TensorNames names, string architecture)
    {
        var hidden = config.Int("d_model");
        var tied = config.BoolOr("tie_word_embeddings", true);
        var shared = !names.Has("shared.weight") && names.Has("encoder.embed_tokens.weight") ? "encoder.embed_tokens.weight" : "shared.weight";
        var embedding = new TensorDescription(shared, config.Int("vocab_size"), hidden);
        var layers = config.Int("num_layers", max: 4096);
        return new ModelDescription
        {
            Architecture = architecture,
            Kind = ModelKind.EncoderDecoder,
            HiddenSize = hidden,
            VocabularySize = embedding.Shape[0],
            MaxPositions = config.OptionalInt("n_positions") ?? UnstatedPositions,
            Encoder = Stack(config, embedding, "encoder", layers, decoder: false),
            Decoder = Stack(config, embedding, "decoder", config.IntOr("num_decoder_layers", layers, max: 4096), decoder: true),
            Output = new OutputDescription
            {
                Projection = names.VocabularyProjection("lm_head", embedding, tied),
                InputScale = config.BoolOr("scale_decoder_outputs", tied) ? 1 / MathF.Sqrt(hidden) : 1,
            },
            DecoderStartId = config.OptionalInt("decoder_start_token_id", min: 0) ?? config.IntOr("pad_token_id", 0, min: 0),
            HarmlessTensors =
            [
                @"shared\.weight", @"(encoder|decoder)\.embed_tokens\.weight",
                // Early files carry a bias of the cross-attention that no released code reads.
                @"decoder\.block\.0\.layer\.1\.EncDecAttention\.relative_attention_bias\.weight",
            ],
            StoredType = StoredTypes.Read(config),
        };
    }

    private static StackDescription Stack(ConfigReader config, TensorDescription embedding, string name, int layers, bool decoder) => new()
    {
        Embedding = new EmbeddingDescription { Tokens = embedding },
        Layers = [.. Enumerable.Range(0, layers).Select(i => Layer(config, name, i, decoder))],
        FinalNorm = Norm(config, $"{name}.final_layer_norm"),
    };

    private static LayerDescription Layer(ConfigReader config, string stack, int index, bool decoder)
    {
        var name = $"{stack}.block.{index}.layer";
        var heads = config.Int("num_heads", max: 65_536);
        // Every layer adds the bias that the first one stores.
        var bias = new RelativeBiasDescription
        {
            Table = new TensorDescription($"{stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight", config.IntOr("relative_attention_num_buckets", 32, min: 4, max: 65_536), heads),
            MaxDistance = config.IntOr("relative_attention_max_distance", 128),
            Bidirectional = !decoder,
        };
        if (bias.MaxDistance <= bias.Buckets / (decoder ? 2 : 4))
            throw config.Error("relative_attention_max_distance", $"{bias.MaxDistance} is within the exact buckets of relative_attention_num_buckets {bias.Buckets}");
        return new LayerDescription
        {
            Attention = Attention(config, $"{name}.0.SelfAttention", heads, decoder ? AttentionMask.Causal : AttentionMask.Full) with { RelativeBias = bias },
            AttentionNorms = new NormPlacement(Norm(config, $"{name}.0.layer_norm")),
            CrossAttention = decoder ? Attention(config, $"{name}.1.EncDecAttention", heads, AttentionMask.Full) : null,
            CrossNorms = decoder ? new NormPlacement(Norm(config, $"{name}.1.layer_norm")) : null,
            FeedForward = FeedForward(config, $"{name}.{(decoder ? 2 : 1)}.DenseReluDense"),
            FeedForwardNorms = new NormPlacement(Norm(config, $"{name}.{(decoder ? 2 : 1)}.layer_norm")),
        };
    }

    private static AttentionDescription Attention(ConfigReader config, string name, int heads, AttentionMask mask)
    {
        var (hidden, size) = (config.Int("d_model"), config.Int("d_kv", max: 65_536));
        var inner = HeadSizes.Multiply(config, "num_heads", heads, size);
        LinearDescription In(string part) => TensorNames.Linear($"{name}.{part}", inner, hidden);
        return new AttentionDescription
        {
            Heads = heads,
            KeyValueHeads = heads,
            HeadSize = size,
            Scale = 1,
            Mask = mask,
            Query = In("q"),
            Key = In("k"),
            Value = In("v"),
            Output = TensorNames.Linear($"{name}.o", hidden, inner),
        };
    }

    private static FeedForwardDescription FeedForward(ConfigReader config, string name)
    {
        var (hidden, inner) = (config.Int("d_model"), config.Int("d_ff"));
        var kind = config.OptionalString("feed_forward_proj") ?? "relu";
        var gated = kind.StartsWith("gated-", StringComparison.Ordinal);
        var activation = kind switch
        {
            "relu" or "gated-relu" => ActivationKind.Relu,
            // The reference reads "gated-gelu" as the tanh form, and plain "gelu" as the exact one.
            "gated-gelu" or "gelu_new" or "gated-gelu_new" => ActivationKind.GeluTanh,
            "gelu" => ActivationKind.Gelu,
            "silu" or "gated-silu" => ActivationKind.Silu,
            _ => throw config.Unsupported("feed_forward_proj", kind, "relu", "gelu", "gelu_new", "silu", "gated-relu", "gated-gelu", "gated-silu"),
        };
        return new FeedForwardDescription
        {
            Activation = activation,
            Gate = gated ? TensorNames.Linear($"{name}.wi_0", inner, hidden) : null,
            Up = TensorNames.Linear(gated ? $"{name}.wi_1" : $"{name}.wi", inner, hidden),
            Down = TensorNames.Linear($"{name}.wo", hidden, inner),
        };
    }

    private static NormDescription Norm(ConfigReader config, string name) =>
        TensorNames.RmsNorm(name, config.Int("d_model"), config.NumberOr("layer_norm_epsilon", 1e-6, 0, 1));
}
