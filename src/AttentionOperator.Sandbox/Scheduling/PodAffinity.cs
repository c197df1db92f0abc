using k8s.Models;

namespace AttentionOperator.Sandbox.Scheduling;

/// <summary>Required affinity and anti-affinity between pods. Namespace selectors are not read: terms look at the listed namespaces or at the pod's own.</summary>
internal static class PodAffinity
{
    public static string? Violation(V1Pod pod, NodeState node, IReadOnlyCollection<NodeState> all)
    {
        foreach (var term in pod.Spec.Affinity?.PodAffinity?.RequiredDuringSchedulingIgnoredDuringExecution ?? [])
        {
            var anywhere = all.Any(n => n.Pods.Any(p => Selects(term, pod, p)));
            // The first pod of a group that wants to be together matches itself and may go anywhere.
            if (anywhere ? !InDomain(term, pod, node, all) : !Selects(term, pod, pod))
            {
                return "node(s) didn't match pod affinity rules";
            }
        }

        if ((pod.Spec.Affinity?.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution ?? []).Any(t => InDomain(t, pod, node, all)))
        {
            return "node(s) didn't match pod anti-affinity rules";
        }

        return RejectedByExisting(pod, node, all) ? "node(s) didn't satisfy existing pods anti-affinity rules" : null;
    }

    private static bool RejectedByExisting(V1Pod pod, NodeState node, IReadOnlyCollection<NodeState> all) => all.Any(other => other.RepellingPods.Any(existing =>
        (existing.Spec.Affinity?.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution ?? []).Any(term =>
            Selects(term, existing, pod) && SameDomain(term.TopologyKey, node.Node, other.Node))));

    private static bool InDomain(V1PodAffinityTerm term, V1Pod owner, NodeState node, IReadOnlyCollection<NodeState> all) =>
        all.Any(other => SameDomain(term.TopologyKey, node.Node, other.Node) && other.Pods.Any(p => Selects(term, owner, p)));

    private static bool Selects(V1PodAffinityTerm term, V1Pod owner, V1Pod candidate)
    {
        var inNamespace = term.Namespaces is { Count: > 0 } namespaces
            ? namespaces.Contains(candidate.Metadata.NamespaceProperty)
            : owner.Metadata.NamespaceProperty == candidate.Metadata.NamespaceProperty;
        return inNamespace && LabelMatching.Matches(term.LabelSelector, candidate.Metadata.Labels);
    }

    private static bool SameDomain(string key, V1Node left, V1Node right) =>
        left.Metadata.Labels is { } l && right.Metadata.Labels is { } r
        && l.TryGetValue(key, out var a) && r.TryGetValue(key, out var b) && a == b;
}
