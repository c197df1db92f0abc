namespace AttentionOperator.Api.Naming;

/// <summary>Metrics per AttentionModel that autoscalers read, in external.metrics.k8s.io and custom.metrics.k8s.io.</summary>
public static class ScalingMetricNames
{
    /// <summary>
    /// Requests that wait, at the gateways and in the replicas. While several revisions serve and one of them has more than its target waiting, the others count as
    /// being at the target: an average must not hide the overloaded one.
    /// </summary>
    public const string QueueDepth = "attention_queue_depth";

    /// <summary>Requests that the gateways have placed on replicas.</summary>
    public const string RunningRequests = "attention_running_requests";

    /// <summary>Tokens of input and output, estimated, of the placed requests.</summary>
    public const string InFlightTokens = "attention_inflight_tokens";

    /// <summary>Share of the key-value cache in use, 0 to 1, mean over the ready replicas.</summary>
    public const string CacheUse = "attention_kv_cache_use_ratio";

    /// <summary>Share of time in which the accelerators computed, 0 to 1, mean over the ready replicas.</summary>
    public const string GpuUtilization = "attention_gpu_utilization_ratio";

    /// <summary>95th percentile of the time to the first token at the gateways, in seconds, over the last minute.</summary>
    public const string FirstTokenP95 = "attention_ttft_p95_seconds";

    public static readonly IReadOnlyList<string> All = [QueueDepth, RunningRequests, InFlightTokens, CacheUse, GpuUtilization, FirstTokenP95];
}
