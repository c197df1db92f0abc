using System.Text.Json.Serialization;
using AttentionOperator.Api.Schema;
using AttentionOperator.Api.Serialization;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>How a new revision takes over.</summary>
public sealed record RolloutSpec
{
    /// <summary>The strategy.</summary>
    public RolloutStrategy Strategy { get; init; } = RolloutStrategy.Canary;

    /// <summary>Canary steps, with rising weights; default: 5, 25 and 50 percent.</summary>
    [Length(32)]
    public IReadOnlyList<RolloutStep>? Steps { get; init; }

    /// <summary>Extra replicas (a number) or share of replicas (a percentage, rounded up) that a rollout may use; 0 replaces one by one.</summary>
    [CountOrPercent]
    [JsonConverter(typeof(IntOrStringConverter))]
    public string MaxSurge { get; init; } = "1";

    /// <summary>Multiple of the error budget's rate that a canary may burn before it is condemned.</summary>
    [Decimal]
    [JsonConverter(typeof(IntOrStringConverter))]
    public string MaxBurnRate { get; init; } = "3";

    /// <summary>Confidence of the verdict, between 0.5 and 1, for example "0.99".</summary>
    [Decimal]
    [JsonConverter(typeof(IntOrStringConverter))]
    public string Confidence { get; init; } = "0.99";

    /// <summary>Requests that a step must see before it can be judged healthy.</summary>
    [Bounds(0)]
    public int MinRequests { get; init; } = 20;

    /// <summary>What a step without traffic does.</summary>
    public NoTrafficPolicy OnNoTraffic { get; init; } = NoTrafficPolicy.Hold;

    /// <summary>How long a new revision may take to become ready before it is rejected, as a duration.</summary>
    [Duration]
    public string ProgressDeadline { get; init; } = "10m";

    /// <summary>How long the new revision is watched after promotion, with what maxSurge leaves of the previous one kept warm, as a duration.</summary>
    [Duration]
    public string Bake { get; init; } = "5m";

    /// <summary>Revisions kept for undo, beside those in use.</summary>
    [Bounds(0, 100)]
    public int RevisionHistoryLimit { get; init; } = 5;

    /// <summary>Stop advancing; a rollback is never stopped.</summary>
    public bool Paused { get; init; }

    /// <summary>Golden set that a canary must pass before it gets traffic.</summary>
    public EvaluationSpec? Evaluation { get; init; }
}
