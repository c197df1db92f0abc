namespace AttentionOperator.Bench.Rollout;

/// <summary>Rollouts that are simulated alike.</summary>
/// <param name="Name">Of the traffic.</param>
/// <param name="RequestsPerSecond">Of the model; the canary gets its share.</param>
/// <param name="Duration">Of the canary.</param>
/// <param name="BadShare">Of the canary's requests.</param>
/// <param name="Rollouts">How many.</param>
internal sealed record Scenario(string Name, double RequestsPerSecond, TimeSpan Duration, double BadShare, int Rollouts);

/// <summary>What one rule did over a scenario's rollouts.</summary>
/// <param name="Share">Share that it rolled back.</param>
/// <param name="Median">Seconds until then, in the median; null where it rolled back none.</param>
/// <param name="P99">The same at the 99th percentile.</param>
internal sealed record Outcome(double Share, double? Median, double? P99)
{
    public static Outcome Of(IReadOnlyCollection<double?> delays)
    {
        var sorted = delays.Where(delay => delay is not null).Select(delay => delay!.Value).Order().ToList();
        return new Outcome((double)sorted.Count / delays.Count, At(sorted, 0.5), At(sorted, 0.99));
    }

    private static double? At(List<double> sorted, double quantile) => sorted.Count == 0 ? null : sorted[(int)Math.Min(sorted.Count - 1, Math.Floor(quantile * sorted.Count))];
}
