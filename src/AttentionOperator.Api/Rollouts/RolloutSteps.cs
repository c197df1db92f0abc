using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Api.Rollouts;

/// <summary>The steps that a strategy means, before all traffic moves.</summary>
public static class RolloutSteps
{
    private static readonly RolloutStep[] Default = [new() { Weight = 5 }, new() { Weight = 25 }, new() { Weight = 50 }];

    public static IReadOnlyList<RolloutStep> Of(RolloutSpec rollout, int replicas)
    {
        ArgumentNullException.ThrowIfNull(rollout);
        if (rollout.Strategy == RolloutStrategy.Recreate || !RolloutBudget.Of(rollout, replicas).HoldsTwo)
        {
            return [];
        }

        // Blue-green previews at weight 0; the first step of the spec says how long, and whether someone must approve.
        return rollout.Strategy == RolloutStrategy.BlueGreen
            ? [(rollout.Steps is [var first, ..] ? first : new RolloutStep()) with { Weight = 0 }]
            : rollout.Steps ?? Default;
    }
}
