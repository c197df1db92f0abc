using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Demand;

namespace AttentionOperator.Scaling;

/// <summary>What the number of replicas is decided from.</summary>
internal sealed record ScalingSituation
{
    public required AttentionModelSpec Spec { get; init; }

    public AttentionModelStatus? Status { get; init; }

    /// <summary>True where the status is of this very spec.</summary>
    public bool IsObserved { get; init; } = true;

    public required ModelDemand Demand { get; init; }

    public ScalingMemory Memory { get; init; } = ScalingMemory.Empty;

    public required DateTimeOffset Now { get; init; }

    /// <summary>A revision is taking over, or is watched after it did.</summary>
    public bool InRollout => !IsObserved || Status?.StableRevision is null || Status.Rollout?.Phase is RolloutPhase.Progressing or RolloutPhase.Paused or RolloutPhase.Baking;
}
