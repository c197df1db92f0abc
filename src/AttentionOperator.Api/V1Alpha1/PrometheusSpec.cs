using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>A Prometheus server.</summary>
public sealed record PrometheusSpec
{
    /// <summary>Base URL.</summary>
    [RequiredField]
    [Length(2048, 1)]
    [Pattern("^https?://.+$")]
    public string Url { get; init; } = "";
}
