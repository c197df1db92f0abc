namespace AttentionOperator.Api.V1Alpha1;

/// <summary>A rollout: everything that the next decision needs, so that a restart of the operator loses nothing.</summary>
public sealed record RolloutStatus
{
    /// <summary>Where the rollout is.</summary>
    public RolloutPhase? Phase { get; init; }

    /// <summary>Revision that is being rolled out.</summary>
    public string? Revision { get; init; }

    /// <summary>Revision that served before, where a rollback goes.</summary>
    public string? Previous { get; init; }

    /// <summary>Percent of traffic that it gets.</summary>
    public int? Weight { get; init; }

    /// <summary>Value of <c>spec.replicas</c> at which the revision last had the replicas that its weight needs. A greater one takes no traffic back from it.</summary>
    public int? CarriedAt { get; init; }

    /// <summary>Index of the current step; the number of steps once all traffic moves.</summary>
    public int? Step { get; init; }

    /// <summary>Index of the step whose gates were opened by hand.</summary>
    public int? Approved { get; init; }

    /// <summary>True while an action holds the rollout.</summary>
    public bool? Paused { get; init; }

    /// <summary>When the rollout began.</summary>
    public DateTime? StartedAt { get; init; }

    /// <summary>When the current phase or step began.</summary>
    public DateTime? StepStartedAt { get; init; }

    /// <summary>Since when the step's weight and replicas are there.</summary>
    public DateTime? SteadyAt { get; init; }

    /// <summary>When the split of traffic changed last.</summary>
    public DateTime? TrafficChangedAt { get; init; }

    /// <summary>One word for what was decided last.</summary>
    public string? Reason { get; init; }

    /// <summary>What it waits for, or why it ended, with the numbers.</summary>
    public string? Message { get; init; }

    /// <summary>The last action that was carried out, as it was annotated.</summary>
    public string? Action { get; init; }

    /// <summary>The evaluation before traffic.</summary>
    public EvaluationStatus? Evaluation { get; init; }

    /// <summary>What the objectives are judged on.</summary>
    public RolloutEvidence? Evidence { get; init; }
}
