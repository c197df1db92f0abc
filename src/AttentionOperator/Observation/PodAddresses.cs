using AttentionOperator.Api.Naming;
using k8s.Models;

namespace AttentionOperator.Observation;

/// <summary>Where a revision answers.</summary>
internal static class PodAddresses
{
    /// <summary>Base URL of a ready pod of the revision; null where none is known.</summary>
    public static string? Of(IEnumerable<V1Pod> pods, string? revision) => revision is null ? null : pods
        .Where(pod => pod.Metadata.DeletionTimestamp is null && pod.Metadata.Labels?.TryGetValue(LabelNames.Revision, out var hash) == true && hash == revision
            && !string.IsNullOrEmpty(pod.Status?.PodIP) && pod.Status.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true)
        .OrderBy(pod => pod.Metadata.Name, StringComparer.Ordinal)
        .Select(Of)
        .FirstOrDefault();

    /// <summary>Base URL of a pod that has an address.</summary>
    public static string Of(V1Pod pod) => $"http://{(pod.Status.PodIP.Contains(':', StringComparison.Ordinal) ? $"[{pod.Status.PodIP}]" : pod.Status.PodIP)}:{PortNames.Runtime}";
}
