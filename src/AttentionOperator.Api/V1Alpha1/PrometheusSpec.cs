namespace AttentionOperator.Api.V1Alpha1;

/// <summary>A Prometheus server.</summary>
public sealed record PrometheusSpec
{
    /// <summary>Base URL.</summary>
    public string Url { get; init; } = "";
}
