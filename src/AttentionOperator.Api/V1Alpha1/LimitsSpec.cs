namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Token caps, enforced before the accelerator sees anything.</summary>
public sealed record LimitsSpec
{
    /// <summary>Most input tokens of one request; default: what the model's positions allow, less one.</summary>
    public int? MaxInputTokens { get; init; }

    /// <summary>Most output tokens of one request; default: what positions are left.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>Most tokens of one engine step; bounds the activation memory.</summary>
    public int MaxBatchTokens { get; init; } = 2048;

    /// <summary>What happens to longer input.</summary>
    public TooLongPolicy OnTooLong { get; init; } = TooLongPolicy.Reject;
}
