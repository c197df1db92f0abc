using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers.Services;

/// <summary>What of a pod its Services' endpoints depend on.</summary>
internal static class EndpointFacts
{
    public static bool Differ(V1Pod before, V1Pod after) =>
        before.Status?.PodIP != after.Status?.PodIP
        || PodFacts.IsReady(before) != PodFacts.IsReady(after)
        || PodFacts.IsFinished(before) != PodFacts.IsFinished(after)
        || (before.Metadata.DeletionTimestamp is null) != (after.Metadata.DeletionTimestamp is null)
        || !SameLabels(before.Metadata.Labels, after.Metadata.Labels);

    private static bool SameLabels(IDictionary<string, string>? left, IDictionary<string, string>? right) =>
        (left?.Count ?? 0) == (right?.Count ?? 0) && (left ?? new Dictionary<string, string>()).All(l => right.GetValueOrDefaultSafe(l.Key) == l.Value);
}
