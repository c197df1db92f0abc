using AttentionOperator.Slo;

namespace AttentionOperator.Bench.Rollout;

/// <summary>The operator's own judge, looked at after every tick.</summary>
internal sealed class SequentialRule : IRule
{
    private static readonly ObjectiveBudget Objective = new("errors", Simulation.Budget);
    private static readonly JudgementOptions Options = new(Simulation.MaxBurnRate);
    private ObjectiveCounts canary;
    private ObjectiveCounts stable;

    public bool Feed(ObjectiveCounts canary, ObjectiveCounts stable)
    {
        this.canary += canary;
        this.stable += stable;
        // Below the bound every likelihood ratio is below 1, and so is the evidence: no need to compute it.
        return canary.Bad > 0 && this.canary.BadShare > Objective.Bound(Options.MaxBurnRate)
            && CanaryJudge.Judge([(Objective, this.canary, this.stable)], Options).Verdict == CanaryVerdict.Violating;
    }
}
