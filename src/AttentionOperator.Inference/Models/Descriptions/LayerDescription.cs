namespace AttentionOperator.Inference.Models.Descriptions;

/// <summary>One transformer layer: self-attention, optional cross-attention, feed-forward.</summary>
public sealed record LayerDescription
{
    public required AttentionDescription Attention { get; init; }

    public required NormPlacement AttentionNorms { get; init; }

    /// <summary>Attention of a decoder's tokens to the encoder's output.</summary>
    public AttentionDescription? CrossAttention { get; init; }

    public NormPlacement? CrossNorms { get; init; }

    public required FeedForwardDescription FeedForward { get; init; }

    public required NormPlacement FeedForwardNorms { get; init; }

    /// <summary>Attention and feed-forward both read the layer's input, and their results are added to it (GPT-NeoX).</summary>
    public bool Parallel { get; init; }
}
