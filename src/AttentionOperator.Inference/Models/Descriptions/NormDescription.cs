namespace AttentionOperator.Inference.Models.Descriptions;

public enum NormKind
{
    /// <summary>(x − mean) / √(variance + ε) · w + b.</summary>
    LayerNorm,

    /// <summary>x / √(mean(x²) + ε) · (w + offset).</summary>
    RmsNorm,
}

/// <summary>A normalisation over the last dimension; always computed in float32.</summary>
public sealed record NormDescription
{
    public required NormKind Kind { get; init; }

    public required TensorDescription Weight { get; init; }

    public TensorDescription? Bias { get; init; }

    public required float Epsilon { get; init; }

    /// <summary>Added to the weight (Gemma stores w − 1).</summary>
    public float WeightOffset { get; init; }

    public int Size => Weight.Shape[0];
}
