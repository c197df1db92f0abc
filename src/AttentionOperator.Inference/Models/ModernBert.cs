using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Models.Blocks;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Models;

/// <summary>ModernBERT: pre-norm, rotary, gated feed-forward, layers that alternate between global and local attention.</summary>
internal static class ModernBert
{
    public static ModelDescription Describe(ConfigReader config, TensorNames names, string architecture)
    {
        var plain = architecture == "ModernBertModel";
        var prefix = names.Prefix("embeddings.tok_embeddings.weight", plain ? "" : "model.", plain ? "model." : "");
        var hidden = config.Int("hidden_size");
        var layers = config.Int("num_hidden_layers", max: 4096);
        var every = config.IntOr("global_attn_every_n_layers", 3);
        var local = LayerKinds.Read(config, layers, i => i % every != 0);
        var tokens = new TensorDescription($"{prefix}embeddings.tok_embeddings.weight", config.Int("vocab_size"), hidden);
        var labels = architecture == "ModernBertForSequenceClassification" ? ClassifierLabels.Read(config) : [];
        return new ModelDescription
        {
            Architecture = architecture,
            Kind = ModelKind.Encoder,
            HiddenSize = hidden,
            VocabularySize = tokens.Shape[0],
            MaxPositions = config.Int("max_position_embeddings"),
            Encoder = new StackDescription
            {
                Embedding = new EmbeddingDescription { Tokens = tokens, Norm = Norm(config, names, $"{prefix}embeddings.norm", hidden) },
                Layers = [.. Enumerable.Range(0, layers).Select(i => Layer(config, names, $"{prefix}layers.{i}", i, local[i], hidden))],
                FinalNorm = Norm(config, names, $"{prefix}final_norm", hidden),
            },
            Classifier = labels.Count == 0 ? null : Head(config, names, hidden) with
            {
                Input = config.OptionalString("classifier_pooling") switch
                {
                    null or "cls" => HeadInput.FirstToken,
                    "mean" => HeadInput.Mean,
                    var other => throw config.Unsupported("classifier_pooling", other, "cls", "mean"),
                },
                Final = TensorNames.Linear("classifier", labels.Count, hidden, bias: true),
            },
            MaskedLm = architecture != "ModernBertForMaskedLM" ? null : Head(config, names, hidden) with
            {
                Final = names.VocabularyProjection(
                    "decoder", tokens, config.BoolOr("tie_word_embeddings", true), config.BoolOr("decoder_bias", true) ? new TensorDescription("decoder.bias", tokens.Shape[0]) : null),
            },
            Labels = labels,
            HarmlessTensors = plain ? [@"head\..*", @"decoder\..*"] : [],
            StoredType = StoredTypes.Read(config),
        };
    }

    private static HeadDescription Head(ConfigReader config, TensorNames names, int hidden) => new()
    {
        Input = HeadInput.EachToken,
        Dense = TensorNames.Linear("head.dense", hidden, hidden, config.BoolOr("classifier_bias", false)),
        Activation = config.Activation("classifier_activation", "gelu"),
        Norm = Norm(config, names, "head.norm", hidden),
    };

    private static LayerDescription Layer(ConfigReader config, TensorNames names, string name, int index, bool local, int hidden)
    {
        var heads = config.Int("num_attention_heads", max: 65_536);
        var size = HeadSizes.Divide(config, "hidden_size", hidden, "num_attention_heads", heads);
        var inner = config.Int("intermediate_size");
        var (attentionBias, bias) = (config.BoolOr("attention_bias", false), config.BoolOr("mlp_bias", false));
        var fused = TensorNames.Linear($"{name}.attn.Wqkv", 3 * hidden, hidden, attentionBias);
        var gated = TensorNames.Linear($"{name}.mlp.Wi", 2 * inner, hidden, bias);
        var localTheta = local && !config.IsNullOrAbsent("local_rope_theta");
        return new LayerDescription
        {
            Attention = new AttentionDescription
            {
                Heads = heads,
                KeyValueHeads = heads,
                HeadSize = size,
                Scale = (float)(1 / Math.Sqrt(size)),
                Mask = local ? AttentionMask.Local(config.IntOr("local_attention", 128) / 2) : AttentionMask.Full,
                Rotary = RotaryScaling.Read(config, new RotarySettings
                {
                    DefaultTheta = local && !config.Has("local_rope_theta") ? 10_000 : 160_000,
                    ThetaField = localTheta || (local && !config.Has("local_rope_theta")) ? "local_rope_theta" : "global_rope_theta",
                    HeadSize = size,
                    MaxPositions = config.Int("max_position_embeddings"),
                    LayerType = local ? LayerKinds.Sliding : LayerKinds.Full,
                }),
                Query = fused.Slice(0, hidden),
                Key = fused.Slice(hidden, hidden),
                Value = fused.Slice(2 * hidden, hidden),
                Output = TensorNames.Linear($"{name}.attn.Wo", hidden, hidden, attentionBias),
            },
            // The first layer's input is normalised by the embedding already.
            AttentionNorms = new NormPlacement(index == 0 ? null : Norm(config, names, $"{name}.attn_norm", hidden)),
            FeedForward = new FeedForwardDescription
            {
                Activation = config.Activation("hidden_activation", "gelu"),
                Gate = gated.Slice(0, inner),
                Up = gated.Slice(inner, inner),
                Down = TensorNames.Linear($"{name}.mlp.Wo", hidden, inner, bias),
            },
            FeedForwardNorms = new NormPlacement(Norm(config, names, $"{name}.mlp_norm", hidden)),
        };
    }

    private static NormDescription Norm(ConfigReader config, TensorNames names, string name, int hidden) =>
        names.LayerNorm(name, hidden, config.NumberOr("norm_eps", 1e-5, 0, 1), config.BoolOr("norm_bias", false));
}
