using AttentionOperator.Slo;

namespace AttentionOperator.Bench.Rollout;

/// <summary>Simulates canaries with seeded traffic: Poisson arrivals, each request bad with a fixed chance, all rules fed the same.</summary>
internal static class Simulation
{
    /// <summary>Errors, 99.9 %.</summary>
    public const double Budget = 0.001;

    public const double MaxBurnRate = 3;

    /// <summary>Share of traffic of the canary.</summary>
    public const double Weight = 0.05;

    public static (Outcome Sequential, Outcome Flagger, Outcome Argo) Run(Scenario scenario, int seed)
    {
        var delays = new double?[scenario.Rollouts][];
        Parallel.For(0, scenario.Rollouts, rollout => delays[rollout] = One(scenario, new Random(HashCode(seed, rollout))));
        return (Of(0), Of(1), Of(2));

        Outcome Of(int rule) => Outcome.Of([.. delays.Select(found => found[rule])]);
    }

    private static double?[] One(Scenario scenario, Random random)
    {
        // The operator looks every second; where requests are rarer, nothing happens in between.
        var tick = scenario.RequestsPerSecond < 0.1 ? 20 : 1;
        IRule[] rules = [new SequentialRule(), ThresholdRule.Flagger(60 / tick), ThresholdRule.Argo(60 / tick)];
        var delays = new double?[rules.Length];
        var (canaryRate, stableRate) = (scenario.RequestsPerSecond * Weight * tick, scenario.RequestsPerSecond * (1 - Weight) * tick);
        for (var time = tick; time <= scenario.Duration.TotalSeconds; time += tick)
        {
            var canary = Draw(random, canaryRate, scenario.BadShare);
            var stable = Draw(random, stableRate, Budget);
            for (var rule = 0; rule < rules.Length; rule++)
            {
                if (delays[rule] is null && rules[rule].Feed(canary, stable))
                {
                    delays[rule] = time;
                }
            }

            if (delays.All(delay => delay is not null))
            {
                break;
            }
        }

        return delays;
    }

    private static ObjectiveCounts Draw(Random random, double rate, double badShare) =>
        new(Poisson(random, rate * (1 - badShare)), Poisson(random, rate * badShare));

    private static long Poisson(Random random, double mean)
    {
        if (mean > 50)
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            return Math.Max(0, (long)Math.Round(mean + (Math.Sqrt(mean) * normal)));
        }

        // Knuth's product of uniforms (The Art of Computer Programming, vol. 2, 3.4.1).
        var (limit, product, count) = (Math.Exp(-mean), random.NextDouble(), 0L);
        while (product > limit)
        {
            product *= random.NextDouble();
            count++;
        }

        return count;
    }

    private static int HashCode(int seed, int rollout) => unchecked((seed * 1_000_003) + rollout);
}
