namespace AttentionOperator.Inference.Engine;

/// <summary>Sampling, applied in the order repetition → frequency/presence → bias → temperature → top-k → top-p → min-p (see Sampling/).</summary>
public sealed record SamplingParameters
{
    /// <summary>0 = greedy.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>0 = off.</summary>
    public int TopK { get; init; }

    public float TopP { get; init; } = 1;

    public float MinP { get; init; }

    public float RepetitionPenalty { get; init; } = 1;

    public float FrequencyPenalty { get; init; }

    public float PresencePenalty { get; init; }

    /// <summary>No n-gram of this length occurs twice; 0 = off.</summary>
    public int NoRepeatNgramSize { get; init; }

    /// <summary>Same seed, same answer, whatever else is in the batch.</summary>
    public long? Seed { get; init; }

    /// <summary>Added to logits by id.</summary>
    public IReadOnlyDictionary<int, float>? LogitBias { get; init; }
}
