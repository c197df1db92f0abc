namespace AttentionOperator.Bench.Results;

/// <summary>Quantiles of samples and of histograms.</summary>
public static class Quantiles
{
    /// <summary>The nearest-rank quantile of samples.</summary>
    public static double Of(IReadOnlyCollection<double> samples, double quantile)
    {
        var sorted = samples.Order().ToArray();
        return sorted[Math.Clamp((int)Math.Ceiling(quantile * sorted.Length) - 1, 0, sorted.Length - 1)];
    }

    /// <summary>The quantile of what a histogram observed between two readings, linear inside a bucket as in Prometheus's histogram_quantile.</summary>
    public static double Between(IReadOnlyList<(double UpperBound, double Count)> before, IReadOnlyList<(double UpperBound, double Count)> after, double quantile)
    {
        var earlier = before.ToDictionary(b => b.UpperBound, b => b.Count);
        var counts = after.Select(b => (b.UpperBound, Count: b.Count - earlier.GetValueOrDefault(b.UpperBound))).ToList();
        var rank = quantile * counts[^1].Count;
        var (lower, below) = (0.0, 0.0);
        foreach (var (upper, count) in counts)
        {
            if (count >= rank)
            {
                return double.IsInfinity(upper) ? lower : count == below ? upper : lower + ((upper - lower) * (rank - below) / (count - below));
            }

            (lower, below) = (upper, count);
        }

        return lower;
    }
}
