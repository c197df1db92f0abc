using AttentionOperator.Demand;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Tests.Demand;

public sealed class MetricTextTests
{
    [Fact]
    public void A_replicas_load_is_read_from_its_metrics()
    {
        var load = RuntimeMetrics.Read("pod", "a", """
            # HELP attention_queue_depth Sequences that wait.
            # TYPE attention_queue_depth gauge
            attention_queue_depth{model="chat",priority="interactive"} 2
            attention_queue_depth{model="a \"quoted\", {odd} name",priority="batch"} 3 1700000000000
            attention_requests_in_flight{model="chat"} 7
            attention_kv_cache_usage_ratio{model="chat"} 0.25
            attention_gpu_utilization_ratio NaN
            attention_queue_depth_other 99
            attention_queue_depth{broken
            """);
        Assert.Equal(new PodLoad("pod", "a", true, 7, 5, 0.25, null), load);
    }

    [Fact]
    public void A_quantile_is_of_what_was_counted_since()
    {
        var before = Histogram(100, 100, 100);
        Assert.Null(before.Quantile(0.95, before));
        Assert.Equal(0.095, before.Quantile(0.95, Histogram(90, 90, 90))!.Value, 3);
        Assert.Equal(0.55, Histogram(100, 200, 200).Quantile(0.5, before)!.Value, 3);
        Assert.Equal(1, Histogram(100, 100, 110).Quantile(0.95, before));
        // A gateway restarted: what it counted is gone.
        Assert.Null(Histogram(5, 5, 5).Quantile(0.95, before));
    }

    private static FirstTokenHistogram Histogram(int tenth, int one, int all)
    {
        var histogram = new FirstTokenHistogram();
        histogram.Add(new ObjectKey("default", "chat"), $$"""
            attention_gateway_time_to_first_token_seconds_bucket{model_namespace="default",model="chat",le="0.1"} {{tenth}}
            attention_gateway_time_to_first_token_seconds_bucket{model_namespace="default",model="chat",le="1"} {{one}}
            attention_gateway_time_to_first_token_seconds_bucket{model_namespace="default",model="chat",le="+Inf"} {{all}}
            attention_gateway_time_to_first_token_seconds_bucket{model_namespace="other",model="chat",le="+Inf"} 1000
            """);
        return histogram;
    }
}
