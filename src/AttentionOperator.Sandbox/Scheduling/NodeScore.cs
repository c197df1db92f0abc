using k8s.Models;

namespace AttentionOperator.Sandbox.Scheduling;

/// <summary>Which of the nodes that fit is best; higher is better.</summary>
internal static class NodeScore
{
    /// <summary>
    /// Preferred node affinity and untolerated PreferNoSchedule taints come first, then even spread, then the least allocated of cpu and memory.
    /// </summary>
    public static (long Preference, int Spread, decimal Free) Of(V1Pod pod, ResourceAmounts requests, NodeState node, IReadOnlyCollection<NodeState> all)
    {
        var preference = (pod.Spec.Affinity?.NodeAffinity?.PreferredDuringSchedulingIgnoredDuringExecution ?? [])
            .Where(p => LabelMatching.Matches(p.Preference, node.Node))
            .Sum(p => (long)p.Weight);
        if (Tolerations.Untolerated(pod, node.Node, "PreferNoSchedule") is not null)
        {
            preference -= 100;
        }

        return (preference, -TopologySpread.Crowding(pod, node, all), FreeShare(requests, node));
    }

    private static decimal FreeShare(ResourceAmounts requests, NodeState node)
    {
        var allocatable = node.Allocatable;
        return ((string[])["cpu", "memory"])
            .Where(r => allocatable[r] > 0)
            .Select(r => (allocatable[r] - node.Requested[r] - requests[r]) / allocatable[r])
            .DefaultIfEmpty(0)
            .Average();
    }
}
