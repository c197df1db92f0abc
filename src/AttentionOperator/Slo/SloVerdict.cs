namespace AttentionOperator.Slo;

/// <summary>What the counts of one revision say about one objective, at the asked confidence.</summary>
internal enum SloVerdict
{
    /// <summary>Neither is shown yet.</summary>
    Inconclusive,

    /// <summary>The bad share is below the tolerable burn.</summary>
    Healthy,

    /// <summary>The bad share is above the tolerable burn.</summary>
    Violating,
}
