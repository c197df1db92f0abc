using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>A rollout.</summary>
public sealed record RolloutStatus
{
    /// <summary>Where the rollout is.</summary>
    public RolloutPhase? Phase { get; init; }

    /// <summary>Revision that is being rolled out.</summary>
    public string? Revision { get; init; }

    /// <summary>Percent of traffic that it gets.</summary>
    public int? Weight { get; init; }

    /// <summary>Index of the current step.</summary>
    [Planned]
    public int? Step { get; init; }

    /// <summary>When the rollout began.</summary>
    public DateTime? StartedAt { get; init; }

    /// <summary>When the current phase or step began.</summary>
    public DateTime? StepStartedAt { get; init; }

    /// <summary>What it waits for.</summary>
    public string? Message { get; init; }
}
