using AttentionOperator.Sandbox.Controllers.Deployments;
using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers.Disruption;

/// <summary>How many pods of a PodDisruptionBudget may be disturbed now.</summary>
internal static class DisruptionBudget
{
    /// <param name="expected">Pods that the budget's owners want in all.</param>
    /// <param name="pods">The pods that it selects.</param>
    /// <param name="disrupted">Pods whose eviction was allowed but has not shown yet.</param>
    public static V1PodDisruptionBudgetStatus Plan(
        V1PodDisruptionBudget budget, int expected, IReadOnlyCollection<V1Pod> pods, IDictionary<string, DateTime?>? disrupted)
    {
        var healthy = pods.Count(p => PodFacts.IsReady(p) && p.Metadata.DeletionTimestamp is null && disrupted?.ContainsKey(p.Metadata.Name) != true);
        var desired = budget.Spec.MaxUnavailable is { } unavailable
            ? Math.Max(0, expected - RolloutBounds.Resolve(unavailable.Value, expected, roundUp: true))
            : RolloutBounds.Resolve(budget.Spec.MinAvailable?.Value ?? "0", expected, roundUp: true);
        return new V1PodDisruptionBudgetStatus
        {
            ExpectedPods = expected,
            CurrentHealthy = healthy,
            DesiredHealthy = desired,
            DisruptionsAllowed = expected > 0 ? Math.Max(0, healthy - desired) : 0,
            ObservedGeneration = budget.Metadata.Generation,
            DisruptedPods = disrupted is { Count: > 0 } ? disrupted : null,
        };
    }
}
