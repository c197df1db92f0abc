using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Token caps, enforced before the accelerator sees anything.</summary>
public sealed record LimitsSpec
{
    /// <summary>Most input tokens of one request; default: what the model's positions allow, less one.</summary>
    [Bounds(1, 16_777_216)]
    public int? MaxInputTokens { get; init; }

    /// <summary>Most output tokens of one request; default: what positions are left.</summary>
    [Bounds(1, 16_777_216)]
    public int? MaxOutputTokens { get; init; }

    /// <summary>Most tokens of one engine step; bounds the activation memory.</summary>
    [Bounds(16, 1_048_576)]
    public int MaxBatchTokens { get; init; } = 2048;

    /// <summary>What happens to input beyond maxInputTokens.</summary>
    public TooLongPolicy OnTooLong { get; init; } = TooLongPolicy.Reject;
}
