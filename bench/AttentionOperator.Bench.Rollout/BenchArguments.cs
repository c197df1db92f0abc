using System.Globalization;

namespace AttentionOperator.Bench.Rollout;

/// <summary>The command line: <c>ROOT [--scale S] [--models N] [--repetitions N] [--dry-run]</c>.</summary>
/// <param name="Root">Root of the checkout.</param>
/// <param name="Scale">Share of the simulated rollouts to run; 0 leaves the simulation out.</param>
/// <param name="Models">Models that real rollbacks are measured on at once.</param>
/// <param name="Repetitions">Real rollbacks; 0 leaves them out.</param>
/// <param name="Writes">False leaves the committed results as they are.</param>
internal sealed record BenchArguments(string Root, double Scale = 1, int Models = 8, int Repetitions = 200, bool Writes = true)
{
    public static BenchArguments Parse(string[] args)
    {
        var parsed = new BenchArguments(Directory.GetCurrentDirectory());
        for (var i = 0; i < args.Length; i++)
        {
            parsed = args[i] switch
            {
                "--scale" => parsed with { Scale = double.Parse(args[++i], CultureInfo.InvariantCulture) },
                "--models" => parsed with { Models = int.Parse(args[++i], CultureInfo.InvariantCulture) },
                "--repetitions" => parsed with { Repetitions = int.Parse(args[++i], CultureInfo.InvariantCulture) },
                "--dry-run" => parsed with { Writes = false },
                _ => parsed with { Root = args[i] },
            };
        }

        return parsed;
    }
}
