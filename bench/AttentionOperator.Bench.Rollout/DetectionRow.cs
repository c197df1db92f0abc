namespace AttentionOperator.Bench.Rollout;

/// <summary>What three rules did at one traffic level and one bad share.</summary>
internal sealed record DetectionRow(Scenario Scenario, Outcome Sequential, Outcome Flagger, Outcome Argo)
{
    public static IReadOnlyList<string> Rules { get; } = ["sequential test", "Flagger-like threshold", "Argo-like threshold"];

    public IReadOnlyList<Outcome> Outcomes => [Sequential, Flagger, Argo];
}
