using AttentionOperator.Api.Schema;
using k8s.Models;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Autoscaling between bounds.</summary>
[CelRule("self.minReplicas <= self.maxReplicas", "scaling.minReplicas must not exceed scaling.maxReplicas")]
[CelRule("self.minReplicas > 0 || has(self.idleTimeout)", "scaling.idleTimeout must be set when scaling.minReplicas is 0")]
public sealed record ScalingSpec
{
    /// <summary>Least replicas; 0 lets an idle model go to zero.</summary>
    [Bounds(0, 100_000)]
    public int MinReplicas { get; init; } = 1;

    /// <summary>Most replicas.</summary>
    [RequiredField]
    [Bounds(1, 100_000)]
    public int MaxReplicas { get; init; } = 1;

    /// <summary>Waiting requests per replica that scaling aims at; default: 4, where gpuUtilization is not set either.</summary>
    [Bounds(1)]
    public int? QueueDepthPerReplica { get; init; }

    /// <summary>Accelerator utilisation in percent that scaling aims at.</summary>
    [Bounds(1, 100)]
    public int? GpuUtilization { get; init; }

    /// <summary>Who decides.</summary>
    public ScalingMode Mode { get; init; } = ScalingMode.Hpa;

    /// <summary>Which metrics API is read in mode Hpa.</summary>
    public MetricsApi MetricsApi { get; init; } = MetricsApi.External;

    /// <summary>How long without a request before scaling to zero, as a duration; never while a rollout runs.</summary>
    [Duration]
    public string? IdleTimeout { get; init; }

    /// <summary>Policies and windows, as in autoscaling/v2; both modes follow them.</summary>
    public V2HorizontalPodAutoscalerBehavior? Behavior { get; init; }
}
