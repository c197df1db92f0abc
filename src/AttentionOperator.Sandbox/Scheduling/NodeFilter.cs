using k8s.Models;

namespace AttentionOperator.Sandbox.Scheduling;

/// <summary>Why a pod cannot go to a node, in the scheduler's own words; empty when it can.</summary>
internal static class NodeFilter
{
    public const string PodsResource = "pods";
    private static readonly V1Taint Unschedulable = new() { Key = "node.kubernetes.io/unschedulable", Effect = "NoSchedule" };

    public static FilterResult Check(V1Pod pod, ResourceAmounts requests, NodeState node, IReadOnlyCollection<NodeState> all)
    {
        if (node.Node.Spec?.Unschedulable == true && !Tolerations.Tolerates(pod, Unschedulable))
        {
            return FilterResult.Permanent("node(s) were unschedulable");
        }

        if (Tolerations.Untolerated(pod, node.Node, "NoSchedule", "NoExecute") is { } taint)
        {
            return FilterResult.Permanent($"node(s) had untolerated taint {{{taint.Key}: {taint.Value}}}");
        }

        if (!MatchesNode(pod, node.Node))
        {
            return FilterResult.Permanent("node(s) didn't match Pod's node affinity/selector");
        }

        if (Insufficient(requests, node) is { Count: > 0 } reasons)
        {
            return new FilterResult(reasons, Preemptible: true);
        }

        if (PodAffinity.Violation(pod, node, all) is { } affinity)
        {
            return new FilterResult([affinity], Preemptible: true);
        }

        return TopologySpread.Violates(pod, node, all)
            ? new FilterResult(["node(s) didn't match pod topology spread constraints"], Preemptible: true)
            : FilterResult.Fits;
    }

    private static bool MatchesNode(V1Pod pod, V1Node node)
    {
        var required = pod.Spec.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution;
        return LabelMatching.Matches(pod.Spec.NodeSelector, node.Metadata.Labels)
            && (required is null || required.NodeSelectorTerms.Any(t => LabelMatching.Matches(t, node)));
    }

    private static List<string> Insufficient(ResourceAmounts requests, NodeState node)
    {
        var allocatable = node.Allocatable;
        var reasons = new List<string>();
        if (allocatable.Values.ContainsKey(PodsResource) && node.PodCount + 1 > allocatable[PodsResource])
        {
            reasons.Add("Too many pods");
        }

        reasons.AddRange(requests.Values
            .Where(r => r.Value > 0 && node.Requested[r.Key] + r.Value > allocatable[r.Key])
            .Select(r => $"Insufficient {r.Key}"));
        return reasons;
    }
}
