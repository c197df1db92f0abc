using System.Globalization;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Api.Values;
using AttentionOperator.Slo;

namespace AttentionOperator.Rollouts;

/// <summary>Judges the evidence of a rollout by the spec's objectives. Pure.</summary>
internal static class RolloutJudge
{
    private const int SampleSeconds = 15;

    /// <summary>The judgement on the canary against the stable revision, over the same interval.</summary>
    public static CanaryJudgement Canary(RolloutEvidence evidence, SloSpec slo, RolloutSpec rollout) =>
        CanaryJudge.Judge([.. Counts(evidence, slo)], Options(rollout));

    /// <summary>
    /// Why a promoted revision must go back, or null. Either the sequential test condemns what it did since promotion, or a pair of windows burns: both their
    /// shares are above the pair's rate, and the long one's counts are evidence enough, at the confidence shared by all pairs and objectives, that it is no chance.
    /// </summary>
    public static (RolloutReason Reason, string Message, IReadOnlyList<string> Objectives)? Bake(RolloutEvidence evidence, SloSpec slo, RolloutSpec rollout, DateTime now)
    {
        var judgement = Canary(evidence with { Objectives = [.. (evidence.Objectives ?? []).Select(counts => counts with { StableGood = 0, StableBad = 0 })] }, slo, rollout);
        if (judgement.Verdict == CanaryVerdict.Violating)
        {
            return (RolloutReason.SloViolated, judgement.Explain(), judgement.Condemning);
        }

        var options = Options(rollout);
        var windows = Windows(slo);
        var condemnAt = -Math.Log((1 - options.Confidence) / (slo.Objectives.Count * windows.Count));
        foreach (var window in windows)
        {
            foreach (var (objective, total, _) in Counts(evidence, slo))
            {
                var recent = Within(evidence, objective.Name, total, window.Short, now);
                var longer = Within(evidence, objective.Name, total, window.Long, now);
                var bound = objective.Bound(Math.Min(window.BurnRate, options.MaxBurnRate));
                if (longer.Total > 0 && window.Burns(objective, recent, longer) && BetaMixtureTest.LogEvidenceAbove(longer.Bad, longer.Good, bound) >= condemnAt)
                {
                    return (RolloutReason.BurnRateExceeded, string.Create(CultureInfo.InvariantCulture,
                        $"{objective.Name}: {recent.Bad} of {recent.Total} requests bad within {Durations.Format(window.Short)} and {longer.Bad} of {longer.Total} within {Durations.Format(window.Long)}, above {window.BurnRate:G} times the budget of {objective.Budget:P2}"), [objective.Name]);
                }
            }
        }

        return null;
    }

    /// <summary>The objectives that a revision violated within a window, with their numbers; null where there are none.</summary>
    public static string? Burning(RolloutEvidence evidence, SloSpec slo, RolloutSpec rollout, TimeSpan window, DateTime now)
    {
        var recent = Counts(evidence, slo).Select(counts => (counts.Objective, Within(evidence, counts.Objective.Name, counts.Canary, window, now), default(ObjectiveCounts)));
        var violated = CanaryJudge.Judge([.. recent], Options(rollout)).Objectives.Where(objective => objective.Canary == SloVerdict.Violating).ToList();
        return violated.Count == 0 ? null : string.Join("; ", violated.Select(objective => string.Create(CultureInfo.InvariantCulture,
            $"{objective.Name}: {objective.CanaryCounts.Bad} of {objective.CanaryCounts.Total} requests bad within {Durations.Format(window)}, tolerable {objective.Bound:P2}")));
    }

    /// <summary>Adds the counts as a sample where the last one is old enough; the older samples are, the fewer are kept.</summary>
    public static RolloutEvidence Sample(RolloutEvidence evidence, DateTime now)
    {
        var at = new DateTimeOffset(now, TimeSpan.Zero).ToUnixTimeSeconds();
        var samples = (evidence.Samples ?? []).Where(sample => sample.At <= at).ToList();
        if (samples.Count > 0 && at - samples[^1].At < SampleSeconds)
        {
            return evidence;
        }

        samples.Add(new EvidenceSample { At = at, Objectives = evidence.Objectives });
        // Buckets that double with age and are aligned to the clock: what is kept once stays until its bucket is merged with its neighbour.
        var kept = samples.DistinctBy(sample => Bucket(at - sample.At, sample.At)).ToList();
        return evidence with { Samples = kept };
    }

    private static (long Width, long Index) Bucket(long age, long at)
    {
        long width = SampleSeconds;
        while (width * 2 <= age / 4)
        {
            width *= 2;
        }

        return (width, at / width);
    }

    private static JudgementOptions Options(RolloutSpec rollout) => new(
        double.Parse(rollout.MaxBurnRate, CultureInfo.InvariantCulture), double.Parse(rollout.Confidence, CultureInfo.InvariantCulture), rollout.MinRequests);

    private static IEnumerable<(ObjectiveBudget Objective, ObjectiveCounts Canary, ObjectiveCounts Stable)> Counts(RolloutEvidence evidence, SloSpec slo)
    {
        foreach (var objective in slo.Objectives)
        {
            var counts = evidence.Objectives?.FirstOrDefault(found => found.Name == objective.Name) ?? new ObjectiveEvidence();
            var budget = (double)(1 - (decimal.Parse(objective.Target, CultureInfo.InvariantCulture) / 100));
            yield return (new ObjectiveBudget(objective.Name, budget), new ObjectiveCounts(counts.Good, counts.Bad), new ObjectiveCounts(counts.StableGood, counts.StableBad));
        }
    }

    /// <summary>Google's windows, scaled from its budget of 30 days to the spec's window.</summary>
    private static IReadOnlyList<BurnRateWindow> Windows(SloSpec slo)
    {
        var scale = Durations.Parse(slo.Window) / TimeSpan.FromDays(30);
        return scale == 1 ? BurnRateWindow.Google30Days : [.. BurnRateWindow.Google30Days.Select(window => window with { Short = window.Short * scale, Long = window.Long * scale })];
    }

    /// <summary>Counts within a window: all of them less those of the newest sample at least as old. Before that much time has passed, all of them.</summary>
    private static ObjectiveCounts Within(RolloutEvidence evidence, string objective, ObjectiveCounts total, TimeSpan window, DateTime now)
    {
        var begin = new DateTimeOffset(now, TimeSpan.Zero).ToUnixTimeSeconds() - (long)window.TotalSeconds;
        var before = evidence.Samples?.LastOrDefault(sample => sample.At <= begin)?.Objectives?.FirstOrDefault(found => found.Name == objective);
        return before is null || before.Good > total.Good || before.Bad > total.Bad ? total : total - new ObjectiveCounts(before.Good, before.Bad);
    }
}
