namespace AttentionOperator.Inference.Probes;

/// <summary>The population stability index of two histograms over the same bins, Σ (p − q) ln(p / q), and when it says something.</summary>
internal static class PopulationStability
{
    /// <summary>Below this, differences are too small to act on, however sure they are.</summary>
    private const double Least = 0.1;

    /// <param name="reference">Counts.</param>
    /// <param name="current">Counts, of the same bins.</param>
    public static double Index(ReadOnlySpan<int> reference, ReadOnlySpan<int> current)
    {
        double n = 0, m = 0;
        foreach (var count in reference) n += count + 0.5;
        foreach (var count in current) m += count + 0.5;
        double sum = 0;
        for (var i = 0; i < reference.Length; i++)
        {
            // Half a sample more in each bin: an empty one would make the index infinite.
            var (p, q) = ((current[i] + 0.5) / m, (reference[i] + 0.5) / n);
            sum += (p - q) * Math.Log(p / q);
        }

        return sum;
    }

    /// <summary>
    /// What the index exceeds by chance with probability <paramref name="alpha"/>: without a change it is distributed like χ² with bins − 1 degrees of
    /// freedom, times 1/n + 1/m.
    /// </summary>
    public static double Threshold(int bins, int reference, int current, double alpha) =>
        Math.Max(Least, ChiSquare(bins - 1, alpha) * ((1.0 / reference) + (1.0 / current)));

    /// <summary>Upper quantile of χ² (Wilson and Hilferty's approximation, within 1 % from 3 degrees on).</summary>
    internal static double ChiSquare(int degrees, double alpha)
    {
        var spread = 2.0 / (9 * degrees);
        var cube = 1 - spread + (Normal(alpha) * Math.Sqrt(spread));
        return degrees * cube * cube * cube;
    }

    /// <summary>Upper quantile of the normal distribution (Abramowitz and Stegun 26.2.23, within 4.5e-4).</summary>
    private static double Normal(double alpha)
    {
        var t = Math.Sqrt(-2 * Math.Log(alpha));
        return t - ((2.515517 + (0.802853 * t) + (0.010328 * t * t)) / (1 + (1.432788 * t) + (0.189269 * t * t) + (0.001308 * t * t * t)));
    }
}
