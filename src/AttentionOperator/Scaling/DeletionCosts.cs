using System.Globalization;
using AttentionOperator.Demand;
using AttentionOperator.Observation;

namespace AttentionOperator.Scaling;

/// <summary>
/// Deletion costs of a revision's pods before some of them go: a ReplicaSet takes the pods of the least cost first (Kubernetes documentation, "ReplicaSet", pod
/// deletion cost). Pure.
/// </summary>
internal static class DeletionCosts
{
    /// <summary>The cost of a pod is the number of requests inside it; of one that could not be asked, more than of any other.</summary>
    /// <returns>Pods whose annotation has to change, with their costs.</returns>
    public static IReadOnlyList<(ObservedPod Pod, int Cost)> Plan(IEnumerable<ObservedPod> pods, IReadOnlyList<PodLoad> loads)
    {
        var known = loads.Where(load => load.IsKnown).ToDictionary(load => load.Pod, load => (int)Math.Min(int.MaxValue - 1, load.InFlight), StringComparer.Ordinal);
        var unknown = known.Values.DefaultIfEmpty(0).Max() + 1;
        return
        [
            .. pods
                .Where(pod => pod is { IsReady: true, IsDeleting: false })
                .Select(pod => (pod, Cost: known.GetValueOrDefault(pod.Key.Name, unknown)))
                .Where(entry => entry.pod.DeletionCost != entry.Cost.ToString(CultureInfo.InvariantCulture)),
        ];
    }
}
