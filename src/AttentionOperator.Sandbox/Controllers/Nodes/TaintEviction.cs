using AttentionOperator.Sandbox.Scheduling;
using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers.Nodes;

/// <summary>When a pod has to leave a node because of its NoExecute taints.</summary>
internal static class TaintEviction
{
    /// <summary>The time; null where the pod may stay.</summary>
    public static DateTime? Due(V1Pod pod, V1Node node, DateTime now)
    {
        DateTime? due = null;
        foreach (var taint in (node.Spec?.Taints ?? []).Where(t => t.Effect == "NoExecute"))
        {
            var tolerations = (pod.Spec.Tolerations ?? [])
                .Where(t => Tolerations.Tolerates(new V1Pod { Spec = new V1PodSpec { Tolerations = [t] } }, taint))
                .ToList();
            if (tolerations.Count == 0)
            {
                return now;
            }

            if (tolerations.All(t => t.TolerationSeconds is not null))
            {
                var end = (taint.TimeAdded ?? now).AddSeconds(tolerations.Min(t => t.TolerationSeconds!.Value));
                due = due is null || end < due ? end : due;
            }
        }

        return due;
    }
}
