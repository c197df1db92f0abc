using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers.ReplicaSets;

/// <summary>Which pods a shrinking ReplicaSet gives up first.</summary>
internal static class DeletionOrder
{
    /// <summary>
    /// Not scheduled before scheduled, pending before running, not ready before ready, lower deletion cost, nodes with more of the set's pods,
    /// ready for a shorter time, more restarts, younger.
    /// </summary>
    public static IReadOnlyList<V1Pod> Sort(IReadOnlyCollection<V1Pod> pods)
    {
        var perNode = pods.Where(PodFacts.IsReady).GroupBy(p => p.Spec.NodeName ?? string.Empty).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
        return
        [
            .. pods
                .OrderBy(p => string.IsNullOrEmpty(p.Spec.NodeName) ? 0 : 1)
                .ThenBy(p => p.Status?.Phase switch { "Running" => 2, "Pending" or null => 0, _ => 1 })
                .ThenBy(p => PodFacts.IsReady(p) ? 1 : 0)
                .ThenBy(PodFacts.DeletionCost)
                .ThenByDescending(p => perNode.GetValueOrDefault(p.Spec.NodeName ?? string.Empty))
                .ThenByDescending(p => PodFacts.IsReady(p) ? PodFacts.ReadyCondition(p)!.LastTransitionTime : null)
                .ThenByDescending(PodFacts.Restarts)
                .ThenByDescending(p => p.Metadata.CreationTimestamp)
                .ThenBy(p => p.Metadata.Name, StringComparer.Ordinal),
        ];
    }
}
