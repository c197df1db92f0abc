using k8s.Models;

namespace AttentionOperator.Sandbox.Scheduling;

/// <summary>Taints of a node against a pod's tolerations.</summary>
internal static class Tolerations
{
    /// <summary>The first taint with one of these effects that nothing tolerates.</summary>
    public static V1Taint? Untolerated(V1Pod pod, V1Node node, params string[] effects) =>
        (node.Spec?.Taints ?? []).FirstOrDefault(t => effects.Contains(t.Effect) && !Tolerates(pod, t));

    public static bool Tolerates(V1Pod pod, V1Taint taint) => (pod.Spec.Tolerations ?? []).Any(t =>
        (string.IsNullOrEmpty(t.Effect) || t.Effect == taint.Effect)
        && (string.IsNullOrEmpty(t.Key) ? t.OperatorProperty == "Exists" : t.Key == taint.Key)
        && (t.OperatorProperty == "Exists" || string.IsNullOrEmpty(t.Key) || (t.Value ?? string.Empty) == (taint.Value ?? string.Empty)));
}
