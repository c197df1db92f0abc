using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Api.Runtime;

/// <summary>
/// What the operator tells a runtime pod (<c>runtime.json</c> of the revision's ConfigMap). It holds no paths: those are
/// arguments (<c>serve --config … --model … [--tokenizer …]</c>).
/// </summary>
public sealed record RuntimeConfiguration
{
    /// <summary>Name of the AttentionModel; also the model name in the OpenAI API.</summary>
    public required string Model { get; init; }

    public required string Namespace { get; init; }

    /// <summary>Revision hash.</summary>
    public required string Revision { get; init; }

    public required ModelTask Task { get; init; }

    /// <summary>sha256 digests (<c>sha256:…</c>) that the artifacts must have; null means not pinned.</summary>
    public string? ModelDigest { get; init; }

    public string? TokenizerDigest { get; init; }

    public Precision Precision { get; init; } = Precision.Auto;

    public AttentionSpec? Attention { get; init; }

    public LimitsSpec Limits { get; init; } = new();

    public BatchingSpec Batching { get; init; } = new();

    /// <summary>Seconds between SIGTERM and the end of the grace period.</summary>
    public int DrainSeconds { get; init; } = 30;

    /// <summary>Threads for arithmetic; null = from the container's CPU limit.</summary>
    public int? Threads { get; init; }

    /// <summary>Expose the <c>vllm:</c> metric names as well.</summary>
    public bool VllmMetricAliases { get; init; }

    /// <summary>Share of requests (0…1) whose attention entropy is measured.</summary>
    public double EntropySampleRatio { get; init; }
}
