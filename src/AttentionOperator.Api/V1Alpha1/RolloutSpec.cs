namespace AttentionOperator.Api.V1Alpha1;

/// <summary>How a new revision takes over.</summary>
public sealed record RolloutSpec
{
    /// <summary>The strategy.</summary>
    public RolloutStrategy Strategy { get; init; } = RolloutStrategy.Canary;

    /// <summary>Canary steps; default: 5, 25, 50 percent.</summary>
    public IReadOnlyList<RolloutStep> Steps { get; init; } = [];

    /// <summary>Extra replicas (a number) or share (a percentage) that a rollout may use; 0 replaces one by one.</summary>
    public string? MaxSurge { get; init; } = "1";

    /// <summary>Multiple of the error budget's rate that a canary may burn before it is condemned.</summary>
    public string MaxBurnRate { get; init; } = "3";

    /// <summary>Confidence of the verdict, for example "0.99".</summary>
    public string Confidence { get; init; } = "0.99";

    /// <summary>Requests that a step must see before it can be judged healthy.</summary>
    public int MinRequests { get; init; } = 20;

    /// <summary>What a step without traffic does.</summary>
    public NoTrafficPolicy OnNoTraffic { get; init; } = NoTrafficPolicy.Hold;

    /// <summary>How long a new revision may take to become ready, as a duration.</summary>
    public string ProgressDeadline { get; init; } = "10m";

    /// <summary>How long the previous revision stays warm after promotion, as a duration.</summary>
    public string Bake { get; init; } = "5m";

    /// <summary>Revisions kept for undo.</summary>
    public int RevisionHistoryLimit { get; init; } = 5;

    /// <summary>Stop advancing; a rollback is never stopped.</summary>
    public bool Paused { get; init; }

    /// <summary>Golden set that a canary must pass before it gets traffic.</summary>
    public EvaluationSpec? Evaluation { get; init; }
}
