namespace AttentionOperator.Slo;

/// <summary>Judges a canary on all objectives at once. Pure: the same counts give the same judgement, whoever asks and how often.</summary>
internal static class CanaryJudge
{
    /// <param name="objectives">Objectives with the counts of canary and stable revision since the canary first got traffic.</param>
    /// <param name="options">Burn rate, confidence, least requests.</param>
    public static CanaryJudgement Judge(IReadOnlyList<(ObjectiveBudget Objective, ObjectiveCounts Canary, ObjectiveCounts Stable)> objectives, JudgementOptions options)
    {
        var alpha = 1 - options.Confidence;
        // A canary is condemned when any objective is violated, so the objectives share α (Bonferroni). It is healthy only when every
        // objective is, and an intersection of tests at α is itself a test at α.
        var condemnAt = -Math.Log(alpha / Math.Max(1, objectives.Count));
        var acquitAt = -Math.Log(alpha);
        var judged = objectives
            .Select(o => JudgeObjective(o.Objective, o.Canary, o.Stable, options, condemnAt, acquitAt))
            .ToList();
        return new CanaryJudgement(Combine(judged), judged);
    }

    /// <summary>The verdict on one revision's counts alone, as used after promotion and for the ambient comparison.</summary>
    public static SloVerdict JudgeCounts(ObjectiveCounts counts, double bound, double condemnAt, double acquitAt, long minRequests)
    {
        if (counts.Total == 0) return SloVerdict.Inconclusive;
        if (BetaMixtureTest.LogEvidenceAbove(counts.Bad, counts.Good, bound) >= condemnAt) return SloVerdict.Violating;
        return counts.Total >= minRequests && BetaMixtureTest.LogEvidenceBelow(counts.Bad, counts.Good, bound) >= acquitAt
            ? SloVerdict.Healthy
            : SloVerdict.Inconclusive;
    }

    private static ObjectiveJudgement JudgeObjective(
        ObjectiveBudget objective, ObjectiveCounts canary, ObjectiveCounts stable, JudgementOptions options, double condemnAt, double acquitAt)
    {
        var bound = objective.Bound(options.MaxBurnRate);
        return new ObjectiveJudgement(
            objective.Name,
            JudgeCounts(canary, bound, condemnAt, acquitAt, options.MinRequests),
            JudgeCounts(stable, bound, condemnAt, acquitAt, options.MinRequests),
            canary,
            stable,
            bound,
            canary.Total == 0 ? 0 : BetaMixtureTest.LogEvidenceAbove(canary.Bad, canary.Good, bound),
            condemnAt);
    }

    private static CanaryVerdict Combine(List<ObjectiveJudgement> judged)
    {
        var violated = judged.Where(j => j.Canary == SloVerdict.Violating).ToList();
        if (violated.Any(j => j.Stable != SloVerdict.Violating)) return CanaryVerdict.Violating;
        if (violated.Count > 0) return CanaryVerdict.Ambient;
        if (judged.All(j => j.CanaryCounts.Total == 0)) return CanaryVerdict.Silent;
        return judged.All(j => j.Canary == SloVerdict.Healthy) ? CanaryVerdict.Healthy : CanaryVerdict.Inconclusive;
    }
}
