using System.Globalization;

namespace AttentionOperator.Gateway.Spending;

/// <summary>The day or month (UTC) that a budget is for.</summary>
/// <param name="Name"><c>2026-11-26</c> or <c>2026-11</c>; sorts by time.</param>
/// <param name="End">When the next one begins.</param>
internal sealed record SpendingPeriod(string Name, DateTimeOffset End)
{
    public static SpendingPeriod Day(DateTimeOffset now)
    {
        var date = now.UtcDateTime.Date;
        return new(date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), new DateTimeOffset(date, TimeSpan.Zero).AddDays(1));
    }

    public static SpendingPeriod Month(DateTimeOffset now)
    {
        var first = new DateTimeOffset(now.UtcDateTime.Year, now.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero);
        return new(first.ToString("yyyy-MM", CultureInfo.InvariantCulture), first.AddMonths(1));
    }
}
