namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Which metrics API the HorizontalPodAutoscaler reads.</summary>
public enum MetricsApi
{
    /// <summary>external.metrics.k8s.io, served by the operator.</summary>
    External,

    /// <summary>custom.metrics.k8s.io, served by the operator.</summary>
    Custom,

    /// <summary>An adapter over Prometheus; rules for it are generated.</summary>
    Prometheus,
}
