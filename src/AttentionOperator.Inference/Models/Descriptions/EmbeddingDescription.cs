namespace AttentionOperator.Inference.Models.Descriptions;

/// <summary>norm(tokens[id] · scale + positions[p + offset] + types[t]).</summary>
public sealed record EmbeddingDescription
{
    /// <summary>[vocabulary, hidden].</summary>
    public required TensorDescription Tokens { get; init; }

    public float Scale { get; init; } = 1;

    /// <summary>[positions, hidden] of learned positions; null where positions act inside attention.</summary>
    public TensorDescription? Positions { get; init; }

    /// <summary>Row of position 0.</summary>
    public int PositionOffset { get; init; }

    /// <summary>
    /// RoBERTa counts only tokens other than this one: such a token gets the row PositionOffset − 1 and does not advance the count. Null = plain counting.
    /// </summary>
    public int? UncountedId { get; init; }

    /// <summary>[types, hidden]; null = none.</summary>
    public TensorDescription? Types { get; init; }

    public NormDescription? Norm { get; init; }

    public int VocabularySize => Tokens.Shape[0];
}
