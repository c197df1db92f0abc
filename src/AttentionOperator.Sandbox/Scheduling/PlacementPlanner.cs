using k8s.Models;

namespace AttentionOperator.Sandbox.Scheduling;

/// <summary>Decides where one pod goes, given the nodes as they are.</summary>
internal static class PlacementPlanner
{
    public static Placement Plan(V1Pod pod, IReadOnlyCollection<NodeState> nodes)
    {
        if (nodes.Count == 0)
        {
            return new Placement(null, "no nodes available to schedule pods", null, []);
        }

        var requests = PodRequests.Of(pod);
        var results = nodes.Select(n => (Node: n, Result: NodeFilter.Check(pod, requests, n, nodes))).ToList();
        var best = results
            .Where(r => r.Result.IsFit)
            .OrderByDescending(r => NodeScore.Of(pod, requests, r.Node, nodes))
            .ThenBy(r => r.Node.Name, StringComparer.Ordinal)
            .FirstOrDefault();
        if (best.Node is not null)
        {
            return new Placement(best.Node.Name, string.Empty, null, []);
        }

        var (nominated, victims) = Preempt(pod, requests, results, nodes);
        return new Placement(null, Explain(results.Select(r => r.Result).ToList(), victims.Count > 0), nominated, victims);
    }

    // The node on which the fewest and least important pods have to go.
    private static (string? Node, IReadOnlyList<V1Pod> Victims) Preempt(
        V1Pod pod, ResourceAmounts requests, List<(NodeState Node, FilterResult Result)> results, IReadOnlyCollection<NodeState> nodes)
    {
        var priority = pod.Spec.Priority ?? 0;
        if (pod.Spec.PreemptionPolicy == "Never")
        {
            return (null, []);
        }

        return results
            .Where(r => r.Result.Preemptible)
            .Select(r => (Node: (string?)r.Node.Name, Victims: Victims(pod, requests, priority, r.Node, nodes)))
            .Where(c => c.Victims.Count > 0)
            .OrderBy(c => c.Victims.Max(v => v.Spec.Priority ?? 0))
            .ThenBy(c => c.Victims.Count)
            .FirstOrDefault((null, []));
    }

    private static List<V1Pod> Victims(V1Pod pod, ResourceAmounts requests, int priority, NodeState node, IReadOnlyCollection<NodeState> nodes)
    {
        var lower = node.Pods.Where(p => (p.Spec.Priority ?? 0) < priority).ToList();
        if (lower.Count == 0 || !FitsWithout(lower))
        {
            return [];
        }

        // The most important first: each may stay as long as the pod still fits without the rest.
        foreach (var spared in lower.OrderByDescending(p => p.Spec.Priority ?? 0).ThenBy(p => p.Status?.StartTime).ToList())
        {
            var rest = lower.Where(p => p != spared).ToList();
            if (FitsWithout(rest))
            {
                lower = rest;
            }
        }

        return lower;

        bool FitsWithout(IReadOnlyList<V1Pod> gone)
        {
            var emptied = node.Without(gone);
            return NodeFilter.Check(pod, requests, emptied, [.. nodes.Where(n => n != node), emptied]).IsFit;
        }
    }

    private static string Explain(List<FilterResult> results, bool preempts)
    {
        var total = results.Count;
        var text = $"0/{total} nodes are available: {Histogram(results.SelectMany(r => r.Reasons))}.";
        if (preempts)
        {
            return text;
        }

        var helpless = results.Select(r => r.Preemptible ? "No preemption victims found for incoming pod" : "Preemption is not helpful for scheduling");
        return $"{text} preemption: 0/{total} nodes are available: {Histogram(helpless)}.";
    }

    private static string Histogram(IEnumerable<string> reasons) =>
        string.Join(", ", reasons.GroupBy(r => r, StringComparer.Ordinal).Select(g => $"{g.Count()} {g.Key}").Order(StringComparer.Ordinal));
}
