using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Models.Blocks;

/// <summary>The post-norm encoder that BERT and RoBERTa share.</summary>
internal sealed record BertEncoder(ConfigReader Config, TensorNames Names, string Prefix)
{
    public int HiddenSize { get; } = Config.Int("hidden_size");

    public double Epsilon { get; } = Config.NumberOr("layer_norm_eps", 1e-12, 0, 1);

    public int TablePositions { get; } = Config.Int("max_position_embeddings");

    /// <summary>The id whose tokens get no position of their own (RoBERTa); null = plain counting.</summary>
    public int? UncountedId { get; init; }

    public StackDescription Describe()
    {
        Config.RequireFalse("is_decoder", "this architecture is computed as an encoder");
        Config.RequireFalse("add_cross_attention", "this architecture is computed as an encoder");
        if (Config.OptionalString("position_embedding_type") is { } type and not "absolute")
            throw Config.Unsupported("position_embedding_type", type, "absolute");
        var embeddings = $"{Prefix}embeddings";
        return new StackDescription
        {
            Embedding = new EmbeddingDescription
            {
                Tokens = Tokens,
                Positions = new TensorDescription($"{embeddings}.position_embeddings.weight", TablePositions, HiddenSize),
                PositionOffset = UncountedId + 1 ?? 0,
                UncountedId = UncountedId,
                Types = new TensorDescription($"{embeddings}.token_type_embeddings.weight", Config.IntOr("type_vocab_size", 2), HiddenSize),
                Norm = Names.LayerNorm($"{embeddings}.LayerNorm", HiddenSize, Epsilon),
            },
            Layers = [.. Enumerable.Range(0, Config.Int("num_hidden_layers", max: 4096)).Select(i => Layer($"{Prefix}encoder.layer.{i}"))],
        };
    }

    public TensorDescription Tokens => new($"{Prefix}embeddings.word_embeddings.weight", Config.Int("vocab_size"), HiddenSize);

    /// <summary>tanh(dense(first token)), where the checkpoint has it.</summary>
    public HeadDescription? Pooler() => Names.Lacks($"{Prefix}pooler.dense.weight") ? null : PoolerHead();

    public HeadDescription PoolerHead() => new()
    {
        Input = HeadInput.FirstToken,
        Dense = TensorNames.Linear($"{Prefix}pooler.dense", HiddenSize, HiddenSize, bias: true),
        Activation = ActivationKind.Tanh,
    };

    private LayerDescription Layer(string name)
    {
        var heads = Config.Int("num_attention_heads", max: 65_536);
        var size = HeadSizes.Divide(Config, "hidden_size", HiddenSize, "num_attention_heads", heads);
        var inner = Config.Int("intermediate_size");
        LinearDescription Square(string part) => TensorNames.Linear($"{name}.attention.{part}", HiddenSize, HiddenSize, bias: true);
        return new LayerDescription
        {
            Attention = new AttentionDescription
            {
                Heads = heads,
                KeyValueHeads = heads,
                HeadSize = size,
                Scale = (float)(1 / Math.Sqrt(size)),
                Mask = AttentionMask.Full,
                Query = Square("self.query"),
                Key = Square("self.key"),
                Value = Square("self.value"),
                Output = Square("output.dense"),
            },
            AttentionNorms = new NormPlacement(Residual: Names.LayerNorm($"{name}.attention.output.LayerNorm", HiddenSize, Epsilon)),
            FeedForward = new FeedForwardDescription
            {
                Activation = Config.Activation("hidden_act", "gelu"),
                Up = TensorNames.Linear($"{name}.intermediate.dense", inner, HiddenSize, bias: true),
                Down = TensorNames.Linear($"{name}.output.dense", HiddenSize, inner, bias: true),
            },
            FeedForwardNorms = new NormPlacement(Residual: Names.LayerNorm($"{name}.output.LayerNorm", HiddenSize, Epsilon)),
        };
    }
}
