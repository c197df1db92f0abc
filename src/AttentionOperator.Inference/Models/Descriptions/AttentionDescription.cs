namespace AttentionOperator.Inference.Models.Descriptions;

/// <summary>Multi-head attention with grouped keys and values; query head h reads key-value head h / (Heads / KeyValueHeads).</summary>
public sealed record AttentionDescription
{
    public required int Heads { get; init; }

    public required int KeyValueHeads { get; init; }

    public required int HeadSize { get; init; }

    /// <summary>Factor of query·key.</summary>
    public required float Scale { get; init; }

    /// <summary>c in score ← c · tanh(score / c), before the mask; null = none.</summary>
    public float? SoftCap { get; init; }

    public required AttentionMask Mask { get; init; }

    /// <summary>Applied to queries and keys after <see cref="QueryNorm"/> and <see cref="KeyNorm"/>.</summary>
    public RotaryDescription? Rotary { get; init; }

    /// <summary>Over each head's dimensions.</summary>
    public NormDescription? QueryNorm { get; init; }

    public NormDescription? KeyNorm { get; init; }

    public RelativeBiasDescription? RelativeBias { get; init; }

    public required LinearDescription Query { get; init; }

    public required LinearDescription Key { get; init; }

    public required LinearDescription Value { get; init; }

    public required LinearDescription Output { get; init; }

    public int QuerySize => Heads * HeadSize;

    public int KeyValueSize => KeyValueHeads * HeadSize;
}
