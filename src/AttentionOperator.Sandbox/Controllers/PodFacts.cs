using System.Globalization;
using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers;

/// <summary>What controllers ask about a pod.</summary>
internal static class PodFacts
{
    public static bool IsReady(V1Pod pod) => ReadyCondition(pod)?.Status == "True";

    public static V1PodCondition? ReadyCondition(V1Pod pod) => pod.Status?.Conditions?.FirstOrDefault(c => c.Type == "Ready");

    /// <summary>Ready for at least this long.</summary>
    public static bool IsAvailable(V1Pod pod, int minReadySeconds, DateTime now) =>
        IsReady(pod) && (minReadySeconds == 0 || ReadyCondition(pod)!.LastTransitionTime is { } since && since.AddSeconds(minReadySeconds) <= now);

    public static bool IsFinished(V1Pod pod) => pod.Status?.Phase is "Succeeded" or "Failed";

    /// <summary>Neither finished nor on its way out.</summary>
    public static bool IsActive(V1Pod pod) => !IsFinished(pod) && pod.Metadata.DeletionTimestamp is null;

    public static int DeletionCost(V1Pod pod) =>
        pod.Metadata.Annotations is { } annotations
        && annotations.TryGetValue("controller.kubernetes.io/pod-deletion-cost", out var text)
        && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var cost)
            ? cost
            : 0;

    public static int Restarts(V1Pod pod) => (pod.Status?.ContainerStatuses ?? []).Sum(s => s.RestartCount);
}
