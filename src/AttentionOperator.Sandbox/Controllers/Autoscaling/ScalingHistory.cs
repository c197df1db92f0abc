namespace AttentionOperator.Sandbox.Controllers.Autoscaling;

/// <summary>What an autoscaler remembers between its looks.</summary>
internal sealed record ScalingHistory(IReadOnlyList<TimedValue> Recommendations, IReadOnlyList<TimedValue> ScaleUps, IReadOnlyList<TimedValue> ScaleDowns)
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    public static ScalingHistory Empty { get; } = new([], [], []);

    public ScalingHistory WithRecommendation(DateTimeOffset now, int replicas) =>
        this with { Recommendations = Append(Recommendations, now, replicas) };

    public ScalingHistory WithChange(DateTimeOffset now, int before, int after) => after > before
        ? this with { ScaleUps = Append(ScaleUps, now, after - before) }
        : this with { ScaleDowns = Append(ScaleDowns, now, before - after) };

    // Windows and periods are bounded by the API (an hour and half an hour), so nothing older is ever asked for.
    private static List<TimedValue> Append(IReadOnlyList<TimedValue> values, DateTimeOffset now, int replicas) =>
        [.. values.Where(v => v.At > now - Longest), new TimedValue(now, replicas)];
}
