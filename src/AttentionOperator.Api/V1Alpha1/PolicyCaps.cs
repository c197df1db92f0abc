using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>The most that a model's spec may say. A cap of tokens is also the default of models that set none.</summary>
public sealed record PolicyCaps
{
    /// <summary>Of limits.maxInputTokens.</summary>
    [Bounds(1, 16_777_216)]
    public int? MaxInputTokens { get; init; }

    /// <summary>Of limits.maxOutputTokens.</summary>
    [Bounds(1, 16_777_216)]
    public int? MaxOutputTokens { get; init; }

    /// <summary>Of limits.maxBatchTokens.</summary>
    [Bounds(16, 1_048_576)]
    public int? MaxBatchTokens { get; init; }

    /// <summary>Of the replicas of one model.</summary>
    [Bounds(0, 100_000)]
    public int? MaxReplicas { get; init; }

    /// <summary>Of the accelerators of one replica.</summary>
    [Bounds(0, 64)]
    public int? MaxAcceleratorsPerReplica { get; init; }
}
