namespace AttentionOperator.Slo;

/// <summary>Requests of one revision that were good and bad for an objective, over one interval.</summary>
internal readonly record struct ObjectiveCounts(long Good, long Bad)
{
    public long Total => Good + Bad;

    /// <summary>Share of bad requests; 0 where there are none at all.</summary>
    public double BadShare => Total == 0 ? 0 : (double)Bad / Total;

    public static ObjectiveCounts operator +(ObjectiveCounts a, ObjectiveCounts b) => new(a.Good + b.Good, a.Bad + b.Bad);

    public static ObjectiveCounts operator -(ObjectiveCounts a, ObjectiveCounts b) => new(a.Good - b.Good, a.Bad - b.Bad);
}
