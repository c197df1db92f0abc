using AttentionOperator.Slo;

namespace AttentionOperator.Tests.Slo;

public sealed class BetaMixtureTestTests
{
    private static readonly double Threshold = Math.Log(100);

    [Theory]
    [InlineData(0, 10, 0.15)]
    [InlineData(3, 7, 0.15)]
    [InlineData(2, 200, 0.003)]
    [InlineData(40, 300, 0.1)]
    [InlineData(5, 5, 0.6)]
    public void ClosedForm_EqualsTheIntegral(long bad, long good, double bound)
    {
        Assert.Equal(Integral(bad, good, bound, bound, 1), BetaMixtureTest.LogEvidenceAbove(bad, good, bound), 4);
        Assert.Equal(Integral(bad, good, bound, 0, bound), BetaMixtureTest.LogEvidenceBelow(bad, good, bound), 4);
    }

    [Fact]
    public void NoRequests_AreNoEvidence()
    {
        Assert.Equal(0, BetaMixtureTest.LogEvidenceAbove(0, 0, 0.01), 10);
        Assert.Equal(0, BetaMixtureTest.LogEvidenceBelow(0, 0, 0.01), 10);
    }

    [Theory]
    [InlineData(1_000_000_000, 0, 0.001)]
    [InlineData(0, 1_000_000_000, 0.999)]
    [InlineData(0, 1_000_000_000, 0.001)]
    [InlineData(500_000_000, 500_000_000, 0.5)]
    [InlineData(1, 1_000_000_000, 1e-9)]
    public void ExtremeCounts_StayFinite(long bad, long good, double bound)
    {
        Assert.True(double.IsFinite(BetaMixtureTest.LogEvidenceAbove(bad, good, bound)));
        Assert.True(double.IsFinite(BetaMixtureTest.LogEvidenceBelow(bad, good, bound)));
    }

    [Fact]
    public void ExpectationAtTheBound_IsOne()
    {
        // Over all outcomes of n requests at exactly the bound, the e-value's expectation is 1: it is a martingale there.
        const int n = 60;
        const double bound = 0.15;
        double above = 0, below = 0;
        for (var s = 0; s <= n; s++)
        {
            var probability = Math.Exp(LogBeta.LogGamma(n + 1) - LogBeta.LogGamma(s + 1) - LogBeta.LogGamma(n - s + 1) + (s * Math.Log(bound)) + ((n - s) * Math.Log(1 - bound)));
            above += probability * Math.Exp(BetaMixtureTest.LogEvidenceAbove(s, n - s, bound));
            below += probability * Math.Exp(BetaMixtureTest.LogEvidenceBelow(s, n - s, bound));
        }

        Assert.Equal(1, above, 6);
        Assert.Equal(1, below, 6);
    }

    /// <summary>1,000 seeded runs of 2,000 requests with a look after each; the bands leave room for sampling error around an independent simulation.</summary>
    [Theory]
    [InlineData(0.003, 0.001, 0, 0.005, 0, 0)]
    [InlineData(0.003, 0.003, 0, 0.02, 0, 0)]
    [InlineData(0.003, 0.012, 0.87, 0.95, 800, 1050)]
    [InlineData(0.003, 0.03, 1, 1, 130, 175)]
    [InlineData(0.003, 0.2, 1, 1, 6, 10)]
    [InlineData(0.15, 0.05, 0, 0.001, 0, 0)]
    [InlineData(0.15, 0.15, 0, 0.02, 0, 0)]
    [InlineData(0.15, 0.225, 0.99, 1, 270, 380)]
    [InlineData(0.15, 0.30, 1, 1, 72, 92)]
    [InlineData(0.15, 0.45, 1, 1, 17, 23)]
    [InlineData(0.15, 0.75, 1, 1, 5, 7)]
    public void Simulation_CondemnsAsOftenAndAsFastAsStated(double bound, double share, double leastCondemned, double mostCondemned, int fastestMedian, int slowestMedian)
    {
        const int runs = 1000;
        const int requests = 2000;
        var boundary = Boundary(bound, requests);
        var random = new Random(7);
        var delays = new List<int>();
        for (var run = 0; run < runs; run++)
        {
            var bad = 0;
            for (var n = 1; n <= requests; n++)
            {
                if (random.NextDouble() < share) bad++;
                if (bad < boundary[n]) continue;
                delays.Add(n);
                break;
            }
        }

        Assert.InRange(delays.Count / (double)runs, leastCondemned, mostCondemned);
        if (slowestMedian == 0) return;
        delays.Sort();
        Assert.InRange(delays[delays.Count / 2], fastestMedian, slowestMedian);
    }

    /// <summary>Least number of bad requests among n that condemns; evidence grows with every bad request.</summary>
    private static int[] Boundary(double bound, int requests)
    {
        var boundary = new int[requests + 1];
        boundary[0] = int.MaxValue;
        var bad = 1;
        for (var n = 1; n <= requests; n++)
        {
            while (bad <= n && BetaMixtureTest.LogEvidenceAbove(bad, n - bad, bound) < Threshold) bad++;
            boundary[n] = bad <= n ? bad : int.MaxValue;
            bad = Math.Min(bad, n + 1);
        }

        return boundary;
    }

    /// <summary>ln ∫ L(p) π(p) dp by the midpoint rule after p = sin²(t), which removes the prior's poles.</summary>
    private static double Integral(long bad, long good, double bound, double from, double to)
    {
        const int steps = 400_000;
        var (low, high) = (Math.Asin(Math.Sqrt(from)), Math.Asin(Math.Sqrt(to)));
        double sum = 0;
        for (var i = 0; i < steps; i++)
        {
            var p = Math.Pow(Math.Sin(low + ((i + 0.5) / steps * (high - low))), 2);
            sum += Math.Exp((bad * Math.Log(p / bound)) + (good * Math.Log((1 - p) / (1 - bound))));
        }

        return Math.Log(sum / steps);
    }
}
