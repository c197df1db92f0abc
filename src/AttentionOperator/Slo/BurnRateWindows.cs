namespace AttentionOperator.Slo;

/// <summary>
/// A pair of windows that together signal burning: the long one shows that it matters, the short one that it still goes on
/// (Google, "The Site Reliability Workbook", chapter 5, table 5-8).
/// </summary>
internal sealed record BurnRateWindow(TimeSpan Short, TimeSpan Long, double BurnRate)
{
    /// <summary>The windows for a budget of 30 days: 2 % of it in an hour, 5 % in six, 10 % in a day, 10 % in three days.</summary>
    public static IReadOnlyList<BurnRateWindow> Google30Days { get; } =
    [
        new(TimeSpan.FromMinutes(5), TimeSpan.FromHours(1), 14.4),
        new(TimeSpan.FromMinutes(30), TimeSpan.FromHours(6), 6),
        new(TimeSpan.FromHours(2), TimeSpan.FromHours(24), 3),
        new(TimeSpan.FromHours(6), TimeSpan.FromHours(72), 1),
    ];

    /// <summary>True when both windows burn faster than the rate. An empty window burns nothing.</summary>
    public bool Burns(ObjectiveBudget objective, ObjectiveCounts inShort, ObjectiveCounts inLong) =>
        inShort.BadShare > BurnRate * objective.Budget && inLong.BadShare > BurnRate * objective.Budget;
}
