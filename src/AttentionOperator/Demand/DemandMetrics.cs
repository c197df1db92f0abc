using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Scaling;

namespace AttentionOperator.Demand;

/// <summary>
/// The metrics that autoscalers read, from what is known of a model. Pure. A value is withheld (null) where a part of it could not be read, because what is missing
/// could only make it greater: an autoscaler that sees too small a number takes replicas away. A lower bound that already asks for no fewer replicas than there are
/// is given out: it can do no harm.
/// </summary>
internal static class DemandMetrics
{
    /// <param name="metric">One of <see cref="ScalingMetricNames"/> but <see cref="ScalingMetricNames.FirstTokenP95"/>.</param>
    /// <param name="demand">What is known, replicas included.</param>
    /// <param name="targets">What scaling aims at.</param>
    public static decimal? Value(string metric, ModelDemand demand, ScalingTargets targets) => metric switch
    {
        ScalingMetricNames.QueueDepth => Given(QueueDepth(demand, targets.QueueDepth), demand, demand.IsComplete && demand.HasAllPods, targets.QueueDepth),
        ScalingMetricNames.RunningRequests => Given(demand.Running, demand, demand.IsComplete, targets.Running),
        ScalingMetricNames.InFlightTokens => demand.IsComplete ? demand.Tokens : null,
        ScalingMetricNames.CacheUse => Mean(demand, pod => pod.CacheUse, null),
        ScalingMetricNames.GpuUtilization => Mean(demand, pod => pod.GpuUtilization, targets.GpuUtilization),
        _ => null,
    };

    /// <summary>
    /// Everything that waits. Where several revisions serve and one has more than its target waiting, the others count as being at the target: their idleness does
    /// not help it, because the split of traffic is not theirs to change.
    /// </summary>
    public static decimal QueueDepth(ModelDemand demand, decimal? target)
    {
        var pods = demand.Pods ?? [];
        decimal total = demand.Queued + pods.Sum(pod => pod.Waiting);
        var replicas = pods.GroupBy(pod => pod.Revision, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        if (target is not { } perReplica || replicas.Count < 2)
        {
            return total;
        }

        var queues = replicas.ToDictionary(entry => entry.Key, entry => QueueOf(demand, entry.Key), StringComparer.Ordinal);
        if (queues.All(queue => queue.Value <= perReplica * replicas[queue.Key]))
        {
            return total;
        }

        var others = total - queues.Values.Sum();
        return Math.Max(total, others + queues.Sum(queue => Math.Max(queue.Value, perReplica * replicas[queue.Key])));
    }

    /// <summary>What waits for one revision, at the gateways and in its replicas.</summary>
    public static long QueueOf(ModelDemand demand, string revision) =>
        (demand.Revisions.FirstOrDefault(found => found.Hash == revision)?.Queued ?? 0)
        + (demand.Pods ?? []).Where(pod => pod.Revision == revision).Sum(pod => pod.Waiting);

    private static decimal? Given(decimal value, ModelDemand demand, bool complete, decimal? target) =>
        complete || (target is { } perReplica && demand.Pods is { Count: > 0 } pods && value >= perReplica * pods.Count) ? value : null;

    private static decimal? Mean(ModelDemand demand, Func<PodLoad, double?> number, decimal? target)
    {
        if (demand.Pods is not { Count: > 0 } pods)
        {
            return null;
        }

        // What is missing counts as nothing, which is a lower bound of the mean.
        var bound = (decimal)pods.Sum(pod => number(pod) ?? 0) / pods.Count;
        return pods.All(pod => number(pod) is not null) || bound >= target ? bound : null;
    }
}
