using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Api.Rollouts;

/// <summary>The steps that a strategy means, before all traffic moves.</summary>
public static class RolloutSteps
{
    private static readonly RolloutStep[] Default = [new() { Weight = 5 }, new() { Weight = 25 }, new() { Weight = 50 }];

    /// <param name="rollout"><c>spec.rollout</c>.</param>
    /// <param name="replicas">Desired replicas.</param>
    /// <param name="beside">Old and new revision share the traffic already: fewer replicas than the two of them do not make one give way to the other.</param>
    public static IReadOnlyList<RolloutStep> Of(RolloutSpec rollout, int replicas, bool beside = false)
    {
        ArgumentNullException.ThrowIfNull(rollout);
        if (rollout.Strategy == RolloutStrategy.Recreate || !(beside || RolloutBudget.Of(rollout, replicas).HoldsTwo))
        {
            return [];
        }

        // Blue-green previews at weight 0; the first step of the spec says how long, and whether someone must approve.
        return rollout.Strategy == RolloutStrategy.BlueGreen
            ? [(rollout.Steps is [var first, ..] ? first : new RolloutStep()) with { Weight = 0 }]
            : rollout.Steps ?? Default;
    }
}
