namespace AttentionOperator.Demand;

/// <summary>Reads a replica's load out of its <c>/metrics</c>.</summary>
internal static class RuntimeMetrics
{
    private const string InFlight = "attention_requests_in_flight";
    private const string Waiting = "attention_queue_depth";
    private const string CacheUse = "attention_kv_cache_usage_ratio";
    private const string GpuUtilization = "attention_gpu_utilization_ratio";

    private static readonly HashSet<string> Wanted = new(StringComparer.Ordinal) { InFlight, Waiting, CacheUse, GpuUtilization };

    public static PodLoad Read(string pod, string revision, string text)
    {
        var samples = PrometheusText.Read(text, Wanted).ToLookup(sample => sample.Name, sample => sample.Value, StringComparer.Ordinal);
        return new PodLoad(pod, revision, true, (long)samples[InFlight].Sum(), (long)samples[Waiting].Sum(), Mean(samples[CacheUse]), Mean(samples[GpuUtilization]));
    }

    // One sample per accelerator.
    private static double? Mean(IEnumerable<double> values) => values.Any() ? values.Average() : null;
}
