namespace AttentionOperator.Slo;

/// <summary>The judgement on a canary with the numbers of every objective.</summary>
internal sealed record CanaryJudgement(CanaryVerdict Verdict, IReadOnlyList<ObjectiveJudgement> Objectives)
{
    /// <summary>Names of the objectives that the canary violates and the stable revision does not.</summary>
    public IReadOnlyList<string> Condemning => [.. Objectives.Where(o => o.Canary == SloVerdict.Violating && o.Stable != SloVerdict.Violating).Select(o => o.Name)];

    /// <summary>The objectives that decided, or all of them.</summary>
    public string Explain()
    {
        var decisive = Objectives.Where(o => o.Canary == SloVerdict.Violating).ToList();
        return string.Join("; ", (decisive.Count > 0 ? decisive : Objectives).Select(o => o.Explain()));
    }
}
