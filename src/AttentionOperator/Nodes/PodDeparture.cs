using AttentionOperator.Children;
using k8s.Models;

namespace AttentionOperator.Nodes;

/// <summary>Finds out whether a pod has to leave its node. Pure.</summary>
internal static class PodDeparture
{
    /// <param name="pod">The pod.</param>
    /// <param name="nodes">Nodes that all pods have to leave, by name.</param>
    public static Departure? Of(V1Pod pod, IReadOnlyDictionary<string, Departure> nodes)
    {
        var container = pod.Status?.ContainerStatuses?.FirstOrDefault(status => status.Name == PodTemplate.ContainerName);
        foreach (var device in (container?.AllocatedResourcesStatus ?? []).SelectMany(resource => resource.Resources ?? [], (resource, health) => (resource.Name, health.ResourceID, health.Health)))
        {
            if (device.Health == "Unhealthy")
            {
                return new Departure(DepartureReason.AcceleratorUnhealthy, $"device {device.ResourceID} ({device.Name}) of pod {pod.Metadata.Name} is unhealthy");
            }
        }

        if (pod.Spec?.NodeName is { } node && nodes.TryGetValue(node, out var departure))
        {
            return departure;
        }

        return pod.Status?.Conditions?.FirstOrDefault(condition => condition is { Type: "DisruptionTarget", Status: "True" }) is { } target
            ? new Departure(DepartureReason.PodDisruption, $"pod {pod.Metadata.Name} is going to be disrupted ({target.Reason})")
            : null;
    }
}
