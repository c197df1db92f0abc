namespace AttentionOperator.Inference.Models.Descriptions;

/// <summary>Logits over the vocabulary: c · tanh((W (x · scale) + b) / c).</summary>
public sealed record OutputDescription
{
    public required LinearDescription Projection { get; init; }

    /// <summary>Factor of the hidden state (T5 with a tied projection).</summary>
    public float InputScale { get; init; } = 1;

    /// <summary>Final soft cap; null = none.</summary>
    public float? SoftCap { get; init; }
}
