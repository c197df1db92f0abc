using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Models.Blocks;

/// <summary>
/// The decoder that most families share: RMS norms before the sublayers, rotary attention with grouped keys and values, gated
/// feed-forward. A family's file sets what differs.
/// </summary>
internal sealed record RotaryDecoder
{
    public required ConfigReader Config { get; init; }

    public required TensorNames Names { get; init; }

    public required string Architecture { get; init; }

    /// <summary>num_key_value_heads where the field is absent; null = as many as query heads.</summary>
    public int? DefaultKeyValueHeads { get; init; }

    /// <summary>head_dim where the field is absent; null = hidden_size / num_attention_heads.</summary>
    public int? DefaultHeadSize { get; init; }

    public bool QueryKeyValueBias { get; init; }

    public bool OutputBias { get; init; }

    public bool FeedForwardBias { get; init; }

    /// <summary>Per-head RMS norms of queries and keys.</summary>
    public bool QueryKeyNorm { get; init; }

    /// <summary>Norms after the sublayers too, and the (1 + w) weights that come with them (Gemma).</summary>
    public bool Gemma { get; init; }

    /// <summary>One matrix for query, key and value, and one for gate and up (Phi-3).</summary>
    public bool Fused { get; init; }

    public string ActivationField { get; init; } = "hidden_act";

    public string DefaultActivation { get; init; } = "silu";

    public double DefaultTheta { get; init; } = 10_000;

    public bool DefaultTied { get; init; }

    public double DefaultEpsilon { get; init; } = 1e-6;

    /// <summary>Numerator-free base of the score's scale: score = q·k / √value; null = the head size.</summary>
    public double? ScaleBase { get; init; }

    public float? SoftCap { get; init; }

    public float? FinalSoftCap { get; init; }

    public int? Window { get; init; }

    /// <summary>Is layer i sliding, where layer_types does not say?</summary>
    public Func<int, bool> IsSliding { get; init; } = _ => false;

    /// <summary>Rotary settings of a layer from the common ones.</summary>
    public Func<RotarySettings, bool, RotarySettings> Rotary { get; init; } = (settings, _) => settings;

    private string Prefix => Names.Prefix("embed_tokens.weight", "model.", "");

    public ModelDescription Describe()
    {
        var hidden = Config.Int("hidden_size");
        var maxPositions = Config.Int("max_position_embeddings");
        var layers = Config.Int("num_hidden_layers", max: 4096);
        var sliding = LayerKinds.Read(Config, layers, IsSliding);
        if (sliding.Contains(true) && Window is null)
            throw Config.Error("sliding_window", "the field is missing, but layers slide a window");
        // One description per kind of layer, so that executors recognise equal rotations by reference.
        var rotary = new Dictionary<bool, RotaryDescription>();
        foreach (var kind in sliding.Distinct())
            rotary[kind] = ReadRotary(kind, maxPositions);
        var embedding = new TensorDescription($"{Prefix}embed_tokens.weight", Config.Int("vocab_size"), hidden);
        return new ModelDescription
        {
            Architecture = Architecture,
            Kind = ModelKind.Decoder,
            HiddenSize = hidden,
            VocabularySize = embedding.Shape[0],
            MaxPositions = rotary.Values.Max(r => r.ReachablePositions) ?? maxPositions,
            Decoder = new StackDescription
            {
                Embedding = new EmbeddingDescription { Tokens = embedding, Scale = Gemma ? MathF.Sqrt(hidden) : 1 },
                Layers = [.. Enumerable.Range(0, layers).Select(i => Layer(i, sliding[i], hidden, rotary[sliding[i]]))],
                FinalNorm = Norm($"{Prefix}norm", hidden),
            },
            Output = new OutputDescription
            {
                Projection = Names.VocabularyProjection("lm_head", embedding, Config.BoolOr("tie_word_embeddings", DefaultTied)),
                SoftCap = FinalSoftCap,
            },
            HarmlessTensors = [@".*\.rotary_emb\.inv_freq"],
            StoredType = StoredTypes.Read(Config),
        };
    }

    private int HeadSize => Config.OptionalInt("head_dim", max: 65_536) ?? DefaultHeadSize
        ?? HeadSizes.Divide(Config, "hidden_size", Config.Int("hidden_size"), "num_attention_heads", Config.Int("num_attention_heads", max: 65_536));

    private RotaryDescription ReadRotary(bool sliding, int maxPositions)
    {
        var settings = new RotarySettings { DefaultTheta = DefaultTheta, HeadSize = HeadSize, MaxPositions = maxPositions, LayerType = sliding ? LayerKinds.Sliding : LayerKinds.Full };
        return RotaryScaling.Read(Config, Rotary(settings, sliding));
    }

    private LayerDescription Layer(int index, bool sliding, int hidden, RotaryDescription rotary)
    {
        var name = $"{Prefix}layers.{index}";
        return new LayerDescription
        {
            Attention = Attention($"{name}.self_attn", sliding, hidden, rotary),
            AttentionNorms = new NormPlacement(Norm($"{name}.input_layernorm", hidden), Gemma ? Norm($"{name}.post_attention_layernorm", hidden) : null),
            FeedForward = FeedForward($"{name}.mlp", hidden),
            FeedForwardNorms = Gemma
                ? new NormPlacement(Norm($"{name}.pre_feedforward_layernorm", hidden), Norm($"{name}.post_feedforward_layernorm", hidden))
                : new NormPlacement(Norm($"{name}.post_attention_layernorm", hidden)),
        };
    }

    private AttentionDescription Attention(string name, bool sliding, int hidden, RotaryDescription rotary)
    {
        var heads = Config.Int("num_attention_heads", max: 65_536);
        var keyValueHeads = Config.IntOr("num_key_value_heads", DefaultKeyValueHeads ?? heads, max: 65_536);
        var size = HeadSize;
        if (heads % keyValueHeads != 0)
            throw Config.Error("num_key_value_heads", $"{keyValueHeads} does not divide num_attention_heads {heads}");
        var (query, key) = (HeadSizes.Multiply(Config, "num_attention_heads", heads, size), keyValueHeads * size);
        var fused = TensorNames.Linear($"{name}.qkv_proj", query + 2 * key, hidden, QueryKeyValueBias);
        return new AttentionDescription
        {
            Heads = heads,
            KeyValueHeads = keyValueHeads,
            HeadSize = size,
            Scale = (float)(1 / Math.Sqrt(ScaleBase ?? size)),
            SoftCap = SoftCap,
            Mask = LayerKinds.Mask(sliding, Window),
            Rotary = rotary,
            QueryNorm = QueryKeyNorm ? Norm($"{name}.q_norm", size) : null,
            KeyNorm = QueryKeyNorm ? Norm($"{name}.k_norm", size) : null,
            Query = Fused ? fused.Slice(0, query) : TensorNames.Linear($"{name}.q_proj", query, hidden, QueryKeyValueBias),
            Key = Fused ? fused.Slice(query, key) : TensorNames.Linear($"{name}.k_proj", key, hidden, QueryKeyValueBias),
            Value = Fused ? fused.Slice(query + key, key) : TensorNames.Linear($"{name}.v_proj", key, hidden, QueryKeyValueBias),
            Output = TensorNames.Linear($"{name}.o_proj", hidden, query, OutputBias),
        };
    }

    private FeedForwardDescription FeedForward(string name, int hidden)
    {
        var inner = Config.Int("intermediate_size");
        var fused = TensorNames.Linear($"{name}.gate_up_proj", 2 * inner, hidden, FeedForwardBias);
        return new FeedForwardDescription
        {
            Activation = Config.Activation(ActivationField, DefaultActivation),
            Gate = Fused ? fused.Slice(0, inner) : TensorNames.Linear($"{name}.gate_proj", inner, hidden, FeedForwardBias),
            Up = Fused ? fused.Slice(inner, inner) : TensorNames.Linear($"{name}.up_proj", inner, hidden, FeedForwardBias),
            Down = TensorNames.Linear($"{name}.down_proj", hidden, inner, FeedForwardBias),
        };
    }

    private NormDescription Norm(string name, int size) =>
        TensorNames.RmsNorm(name, size, Config.NumberOr("rms_norm_eps", DefaultEpsilon, 0, 1), Gemma ? 1 : 0);
}
