using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Scaling;
using AttentionOperator.Demand;

namespace AttentionOperator.Scaling;

/// <summary>How many replicas the load asks for: the most that any of the targets does.</summary>
internal static class WantedReplicas
{
    /// <returns>A fraction of replicas, and whether it may be too small because something could not be read.</returns>
    public static (decimal Replicas, bool IsComplete) Of(ModelDemand demand, ScalingTargets targets)
    {
        var wanted = demand.Running / targets.Running;
        var complete = demand.IsComplete;
        if (targets.QueueDepth is { } perReplica)
        {
            // What waits asks for replicas beside those that what runs keeps busy.
            wanted += DemandMetrics.QueueDepth(demand, perReplica) / perReplica;
            complete &= demand.HasAllPods;
        }

        if (targets.GpuUtilization is { } utilization)
        {
            var mean = DemandMetrics.Value(ScalingMetricNames.GpuUtilization, demand, targets);
            complete &= mean is not null;
            wanted = Math.Max(wanted, (mean ?? 0) / utilization * (demand.Pods?.Count ?? 0));
        }

        return (wanted, complete);
    }
}
