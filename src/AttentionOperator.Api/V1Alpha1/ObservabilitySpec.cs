using System.Text.Json.Serialization;
using AttentionOperator.Api.Schema;
using AttentionOperator.Api.Serialization;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Metrics, traces and probes.</summary>
public sealed record ObservabilitySpec
{
    /// <summary>Expose vLLM's metric names as well.</summary>
    public bool VllmMetricAliases { get; init; }

    /// <summary>Share of requests whose attention entropy is measured (decoders and encoder-decoders), from 0 to 1, for example "0.01".</summary>
    [Decimal]
    [JsonConverter(typeof(IntOrStringConverter))]
    public string? EntropySampleRatio { get; init; }

    /// <summary>OTLP endpoint for traces.</summary>
    [Planned]
    [Length(2048, 1)]
    public string? OtlpEndpoint { get; init; }
}
