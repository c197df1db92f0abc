using k8s.Models;

namespace AttentionOperator.Sandbox.Scheduling;

/// <summary>
/// What a pod asks of a node: the sum of its containers and sidecars, or what its init containers need at their highest, whichever is more,
/// plus the pod's overhead.
/// </summary>
internal static class PodRequests
{
    public static ResourceAmounts Of(V1Pod pod)
    {
        var running = new ResourceAmounts();
        foreach (var container in pod.Spec.Containers)
        {
            running.Add(Container(container));
        }

        var sidecars = new ResourceAmounts();
        var peak = new ResourceAmounts();
        foreach (var container in pod.Spec.InitContainers ?? [])
        {
            var own = Container(container);
            if (container.RestartPolicy == "Always")
            {
                running.Add(own);
                sidecars.Add(own);
                peak.RaiseTo(sidecars);
            }
            else
            {
                own.Add(sidecars);
                peak.RaiseTo(own);
            }
        }

        running.RaiseTo(peak);
        running.Add(ResourceAmounts.Of(pod.Spec.Overhead));
        return running;
    }

    // A limit without a request is a request as well.
    private static ResourceAmounts Container(V1Container container)
    {
        var requests = container.Resources?.Requests ?? new Dictionary<string, ResourceQuantity>();
        var limits = container.Resources?.Limits ?? new Dictionary<string, ResourceQuantity>();
        return ResourceAmounts.Of(requests.Concat(limits.Where(l => !requests.ContainsKey(l.Key))));
    }
}
