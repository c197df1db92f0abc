using System.Globalization;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Api.Values;

namespace AttentionOperator.Api.Rollouts;

/// <summary>What a rollout of a spec will do, before it starts.</summary>
public sealed record RolloutForecast
{
    /// <summary>The steps in order; the last one is the promotion.</summary>
    public required IReadOnlyList<ForecastStep> Steps { get; init; }

    /// <summary>Replicas of all revisions together, at most; <c>replicas + maxSurge</c> bounds it.</summary>
    public required int PeakReplicas { get; init; }

    /// <summary>Accelerators at that peak; 0 where the spec asks for none.</summary>
    public required int PeakAccelerators { get; init; }

    /// <summary>Time of all holds, without the loading of models, evidence and approvals.</summary>
    public required TimeSpan Holds { get; init; }

    /// <summary>Time that the new revision is watched after promotion.</summary>
    public required TimeSpan Bake { get; init; }

    /// <summary>True where the old revision goes before the new one loads: nothing answers meanwhile.</summary>
    public required bool Interrupts { get; init; }

    /// <summary>Requests without a bad one until every objective can be called healthy; 0 where nothing is judged.</summary>
    public required long RequestsToJudge { get; init; }

    /// <param name="spec">The spec to roll out.</param>
    /// <param name="leastHold">The least time at a weight above 0.</param>
    public static RolloutForecast Of(AttentionModelSpec spec, TimeSpan leastHold)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var budget = RolloutBudget.Of(spec.Rollout, spec.Replicas);
        var swaps = spec.Rollout.Strategy == RolloutStrategy.Recreate || !budget.HoldsTwo;
        var steps = RolloutSteps.Of(spec.Rollout, spec.Replicas)
            .Select(step =>
            {
                var hold = Durations.TryParse(step.Hold, out var asked) ? asked : TimeSpan.Zero;
                var wanted = budget.Wanted(step.Weight, spec.Rollout.Strategy == RolloutStrategy.BlueGreen);
                return new ForecastStep(step.Weight, wanted, Math.Min(budget.Replicas, budget.Peak - wanted), step.Weight > 0 && hold < leastHold ? leastHold : hold, step.Approval);
            })
            .ToList();
        steps.Add(new ForecastStep(100, budget.Replicas, swaps ? 0 : Math.Min(budget.Replicas, budget.Surge), TimeSpan.Zero, false));
        var peak = swaps ? budget.Replicas : steps.Max(step => step.NewReplicas + step.OldReplicas);
        return new RolloutForecast
        {
            Steps = steps,
            PeakReplicas = peak,
            PeakAccelerators = peak * (spec.Resources.Accelerator?.Count ?? 0),
            Holds = steps.Aggregate(TimeSpan.Zero, (sum, step) => sum + step.Hold),
            Bake = Durations.Parse(spec.Rollout.Bake),
            Interrupts = swaps && spec.Replicas > 0,
            RequestsToJudge = RequestsOf(spec),
        };
    }

    // Without a bad request the evidence grows as (1 − p0)^−n, less what the prior costs: about half a logarithm of n·p0.
    private static long RequestsOf(AttentionModelSpec spec)
    {
        var requests = 0L;
        var alpha = 1 - double.Parse(spec.Rollout.Confidence, CultureInfo.InvariantCulture);
        foreach (var objective in spec.Slo?.Objectives ?? [])
        {
            var budget = 1 - (double.Parse(objective.Target, CultureInfo.InvariantCulture) / 100);
            var bound = Math.Min(double.Parse(spec.Rollout.MaxBurnRate, CultureInfo.InvariantCulture) * budget, (1 + budget) / 2);
            var logs = Math.Log(1 / alpha);
            requests = Math.Max(requests, (long)Math.Ceiling((logs + (0.5 * Math.Log(1 + logs)) + 0.5) / -Math.Log(1 - bound)));
        }

        return spec.Slo is null ? 0 : Math.Max(requests, spec.Rollout.MinRequests);
    }
}

/// <summary>One step of a forecast.</summary>
/// <param name="Weight">Percent of traffic of the new revision.</param>
/// <param name="NewReplicas">Replicas of the new revision.</param>
/// <param name="OldReplicas">Replicas that the old one keeps.</param>
/// <param name="Hold">Least time in the step.</param>
/// <param name="Approval">Someone must approve the next one.</param>
public sealed record ForecastStep(int Weight, int NewReplicas, int OldReplicas, TimeSpan Hold, bool Approval);
