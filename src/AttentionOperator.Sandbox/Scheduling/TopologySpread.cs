using k8s.Models;

namespace AttentionOperator.Sandbox.Scheduling;

/// <summary>Pod topology spread constraints: hard ones filter, soft ones score.</summary>
internal static class TopologySpread
{
    public static bool Violates(V1Pod pod, NodeState node, IReadOnlyCollection<NodeState> all) =>
        (pod.Spec.TopologySpreadConstraints ?? [])
            .Where(c => c.WhenUnsatisfiable == "DoNotSchedule")
            .Any(c =>
            {
                var counts = Counts(pod, c, all);
                return !Domain(node, c.TopologyKey, out var domain)
                    || counts.GetValueOrDefault(domain) + 1 - (counts.Count == 0 ? 0 : counts.Values.Min()) > c.MaxSkew;
            });

    /// <summary>How many pods of the pod's groups are already in the node's domains: fewer is better.</summary>
    public static int Crowding(V1Pod pod, NodeState node, IReadOnlyCollection<NodeState> all) =>
        (pod.Spec.TopologySpreadConstraints ?? [])
            .Where(c => c.WhenUnsatisfiable == "ScheduleAnyway")
            .Sum(c => Domain(node, c.TopologyKey, out var domain) ? Counts(pod, c, all).GetValueOrDefault(domain) : int.MaxValue / 16);

    private static Dictionary<string, int> Counts(V1Pod pod, V1TopologySpreadConstraint constraint, IReadOnlyCollection<NodeState> all)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var node in all)
        {
            if (Domain(node, constraint.TopologyKey, out var domain))
            {
                counts[domain] = counts.GetValueOrDefault(domain) + node.PodsOf(pod.Metadata.NamespaceProperty).Count(p =>
                    p.Metadata.DeletionTimestamp is null
                    && LabelMatching.Matches(constraint.LabelSelector, p.Metadata.Labels)
                    && (constraint.MatchLabelKeys ?? []).All(k => Label(p, k) == Label(pod, k)));
            }
        }

        return counts;
    }

    private static string? Label(V1Pod pod, string key) =>
        pod.Metadata.Labels is { } labels && labels.TryGetValue(key, out var value) ? value : null;

    private static bool Domain(NodeState node, string key, out string domain)
    {
        domain = string.Empty;
        return node.Node.Metadata.Labels is { } labels && labels.TryGetValue(key, out domain!);
    }
}
