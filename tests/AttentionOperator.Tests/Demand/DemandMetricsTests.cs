using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Scaling;
using AttentionOperator.Demand;
using CsCheck;

namespace AttentionOperator.Tests.Demand;

public sealed class DemandMetricsTests
{
    private static readonly ScalingTargets Targets = new(4, 6.4m, 0.7m);

    [Fact]
    public void What_waits_at_gateways_and_in_replicas_is_summed_also_without_a_replica()
    {
        Assert.Equal(5, Value(ScalingMetricNames.QueueDepth, new ModelDemand { IsComplete = true, Queued = 5, Pods = [] }));
        Assert.Equal(8, Value(ScalingMetricNames.QueueDepth, new ModelDemand { IsComplete = true, Queued = 5, Pods = [Pod("a"), Pod("a") with { Waiting = 3 }] }));
    }

    [Fact]
    public void An_overloaded_canary_is_not_hidden_by_an_idle_stable_revision()
    {
        var demand = new ModelDemand
        {
            IsComplete = true,
            Queued = 10,
            Revisions = [new RevisionDemand("canary", 10, 8, 0), new RevisionDemand("stable", 0, 8, 0)],
            Pods = [Pod("canary"), Pod("stable"), Pod("stable"), Pod("stable"), Pod("stable")],
        };
        // 10 over 5 replicas would be half of the target; the canary alone asks for one and a half replicas more.
        Assert.Equal(10 + (4 * 4), Value(ScalingMetricNames.QueueDepth, demand));
    }

    [Fact]
    public void Means_are_over_the_ready_replicas()
    {
        var demand = new ModelDemand { IsComplete = true, Pods = [Pod("a") with { CacheUse = 0.5, GpuUtilization = 0.2 }, Pod("a") with { CacheUse = 1, GpuUtilization = 0.4 }] };
        Assert.Equal(0.75m, Value(ScalingMetricNames.CacheUse, demand));
        Assert.Equal(0.3m, Value(ScalingMetricNames.GpuUtilization, demand));
        Assert.Null(Value(ScalingMetricNames.CacheUse, demand with { Pods = [] }));
    }

    [Fact]
    public void Nothing_is_said_where_nothing_is_known() =>
        Assert.All(ScalingMetricNames.All, metric => Assert.Null(Value(metric, ModelDemand.Unknown)));

    /// <summary>Missing data never scales down: whatever is missing, a metric that has a target is either withheld or asks for no fewer replicas than there are.</summary>
    [Fact]
    public void What_is_incomplete_never_asks_for_fewer() => Gen.Select(
        Gen.Bool, Gen.Int[0, 60], Gen.Select(Gen.Bool, Gen.Int[0, 8], Gen.Int[0, 10], Gen.Double[0, 1]).List[1, 6]).Sample((gateways, queued, pods) =>
        {
            var demand = new ModelDemand
            {
                IsComplete = gateways,
                Queued = queued,
                Revisions = [new RevisionDemand("a", queued, pods.Sum(pod => pod.Item2), 0)],
                Pods = [.. pods.Select((pod, index) => pod.Item1 ? new PodLoad($"a-{index}", "a", true, pod.Item2, pod.Item3, pod.Item4, pod.Item4) : new PodLoad($"a-{index}", "a", false))],
            };
            if (!gateways || !demand.HasAllPods)
            {
                Assert.True(Value(ScalingMetricNames.QueueDepth, demand) is not { } queue || queue >= Targets.QueueDepth * pods.Count);
            }

            if (!gateways)
            {
                Assert.True(Value(ScalingMetricNames.RunningRequests, demand) is not { } running || running >= Targets.Running * pods.Count);
            }

            if (!demand.HasAllPods)
            {
                Assert.True(Value(ScalingMetricNames.GpuUtilization, demand) is not { } use || use >= Targets.GpuUtilization);
            }
        });

    private static decimal? Value(string metric, ModelDemand demand) => DemandMetrics.Value(metric, demand, Targets);

    private static PodLoad Pod(string revision) => new($"{revision}-{Guid.NewGuid():N}", revision, true);
}
