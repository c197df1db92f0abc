using k8s.Models;

namespace AttentionOperator.Sandbox.NodeAgent.Pods;

/// <summary>A pod's quality of service class from its containers' cpu and memory.</summary>
internal static class QualityOfService
{
    public static string Of(V1Pod pod)
    {
        V1Container[] containers = [.. pod.Spec.InitContainers ?? [], .. pod.Spec.Containers];
        if (containers.All(c => Empty(c.Resources?.Requests) && Empty(c.Resources?.Limits)))
        {
            return "BestEffort";
        }

        return containers.All(c => Guaranteed(c.Resources)) ? "Guaranteed" : "Burstable";
    }

    private static bool Empty(IDictionary<string, ResourceQuantity>? values) =>
        values is null || !values.Any(v => v.Key is "cpu" or "memory" && v.Value.ToDecimal() > 0);

    private static bool Guaranteed(V1ResourceRequirements? resources) => ((string[])["cpu", "memory"]).All(name =>
        resources?.Limits is { } limits && limits.TryGetValue(name, out var limit)
        && (resources.Requests is not { } requests || !requests.TryGetValue(name, out var request) || request.ToDecimal() == limit.ToDecimal()));
}
