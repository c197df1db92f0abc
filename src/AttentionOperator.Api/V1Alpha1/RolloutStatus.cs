namespace AttentionOperator.Api.V1Alpha1;

/// <summary>A rollout.</summary>
public sealed record RolloutStatus
{
    /// <summary>Progressing, Paused, Baking, Completed, RolledBack.</summary>
    public string? Phase { get; init; }

    /// <summary>Revision that is being rolled out.</summary>
    public string? Revision { get; init; }

    /// <summary>Index of the current step.</summary>
    public int Step { get; init; }

    /// <summary>When the current step started.</summary>
    public DateTime? StepStartedAt { get; init; }

    /// <summary>What it waits for.</summary>
    public string? Message { get; init; }
}
