namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Metrics, traces and probes.</summary>
public sealed record ObservabilitySpec
{
    /// <summary>Expose vLLM's metric names as well.</summary>
    public bool VllmMetricAliases { get; init; }

    /// <summary>Share of requests whose attention entropy is measured, for example "0.01".</summary>
    public string? EntropySampleRatio { get; init; }

    /// <summary>OTLP endpoint for traces.</summary>
    public string? OtlpEndpoint { get; init; }
}
