namespace AttentionOperator.Slo;

/// <summary>The judgement on a canary with the numbers of every objective.</summary>
internal sealed record CanaryJudgement(CanaryVerdict Verdict, IReadOnlyList<ObjectiveJudgement> Objectives)
{
    /// <summary>The objectives that decided, or all of them.</summary>
    public string Explain()
    {
        var decisive = Objectives.Where(o => o.Canary == SloVerdict.Violating).ToList();
        return string.Join("; ", (decisive.Count > 0 ? decisive : Objectives).Select(o => o.Explain()));
    }
}
