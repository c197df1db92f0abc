using AttentionOperator.Api.Sli;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Slo;

namespace AttentionOperator.Rollouts;

/// <summary>
/// Keeps the sum of good and bad requests over gateways that come, go and restart. Pure: the sum so far and where each gateway's counters stood are in the
/// status, so what a gateway has counted since is added once, whoever adds it.
/// </summary>
internal static class EvidenceLedger
{
    private const int MaxGateways = 32;

    /// <summary>Counting begins: what the gateways have counted until now does not count.</summary>
    public static RolloutEvidence Begin(DateTime now, string revision, string? stable, SloSpec slo, SliObservation? observed) => new()
    {
        Since = now,
        At = now,
        Revision = revision,
        Stable = stable,
        StepRequests = 0,
        Objectives = [.. slo.Objectives.Select(objective => new ObjectiveEvidence { Name = objective.Name, Definition = ObjectiveFingerprint.Of(objective) })],
        Gateways = [.. (observed?.Gateways ?? []).Select(gateway => Baseline(gateway, revision, stable, slo))],
    };

    /// <summary>Adds what was counted since. The same evidence comes back where nothing was.</summary>
    public static RolloutEvidence Add(RolloutEvidence evidence, SloSpec slo, SliObservation? observed)
    {
        var gateways = (evidence.Gateways ?? []).ToDictionary(gateway => gateway.Instance, StringComparer.Ordinal);
        var totals = slo.Objectives.Select(objective => Continue(evidence.Objectives, objective)).ToList();
        foreach (var gateway in observed?.Gateways ?? [])
        {
            var reading = Baseline(gateway, evidence.Revision!, evidence.Stable, slo);
            var known = gateways.GetValueOrDefault(gateway.Instance);
            // A process that began after the counting did counts from zero; one that was there before, and was not seen, is counted from now on.
            if (known is not null || gateway.StartedAt.UtcDateTime >= evidence.Since)
            {
                totals = [.. totals.Select((total, i) => Sum(total, reading.Objectives![i], known?.Objectives?.FirstOrDefault(old => old.Name == total.Name && old.Definition == total.Definition)))];
            }

            gateways[gateway.Instance] = reading;
        }

        var present = (observed?.Gateways ?? []).Select(gateway => gateway.Instance).ToHashSet(StringComparer.Ordinal);
        var kept = gateways.Values.OrderByDescending(gateway => present.Contains(gateway.Instance)).ThenBy(gateway => gateway.Instance, StringComparer.Ordinal);
        return evidence with { Objectives = totals, Gateways = [.. kept.Take(Math.Max(MaxGateways, present.Count))] };
    }

    /// <summary>Requests that the revision was judged by, for the objective that saw most.</summary>
    public static long Requests(RolloutEvidence? evidence) =>
        evidence?.Objectives is { Count: > 0 } objectives ? objectives.Max(objective => objective.Good + objective.Bad) : 0;

    private static ObjectiveEvidence Continue(IReadOnlyList<ObjectiveEvidence>? totals, ObjectiveSpec objective)
    {
        var definition = ObjectiveFingerprint.Of(objective);
        return totals?.FirstOrDefault(total => total.Name == objective.Name && total.Definition == definition)
            ?? new ObjectiveEvidence { Name = objective.Name, Definition = definition };
    }

    private static GatewayEvidence Baseline(GatewayCounters gateway, string revision, string? stable, SloSpec slo) => new()
    {
        Instance = gateway.Instance,
        Objectives =
        [
            .. slo.Objectives.Select(objective =>
            {
                var definition = ObjectiveFingerprint.Of(objective);
                var canary = gateway.Of(revision, objective.Name, definition);
                var compared = gateway.Of(stable, objective.Name, definition);
                return new ObjectiveEvidence { Name = objective.Name, Definition = definition, Good = canary.Good, Bad = canary.Bad, StableGood = compared.Good, StableBad = compared.Bad };
            }),
        ],
    };

    private static ObjectiveEvidence Sum(ObjectiveEvidence total, ObjectiveEvidence now, ObjectiveEvidence? before) => total with
    {
        Good = total.Good + Since(now.Good, before?.Good),
        Bad = total.Bad + Since(now.Bad, before?.Bad),
        StableGood = total.StableGood + Since(now.StableGood, before?.StableGood),
        StableBad = total.StableBad + Since(now.StableBad, before?.StableBad),
    };

    // A counter that went back began again at zero, whatever the instance says.
    private static long Since(long now, long? before) => before is { } old && now >= old ? now - old : now;
}
