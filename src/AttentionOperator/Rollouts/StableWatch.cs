using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Slo;

namespace AttentionOperator.Rollouts;

/// <summary>
/// Watches the stable revision from the beginning of a rollout until the new one gets traffic: a rollout does not start into an outage. Only the last minutes
/// count, so that it goes on when they are quiet. Pure.
/// </summary>
internal sealed class StableWatch
{
    // The short window of the fastest pair of burn rates.
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private StableWatch(RolloutEvidence? evidence, string? burns)
    {
        Evidence = evidence;
        Burns = burns;
    }

    /// <summary>Counts of the stable revision since the rollout began; null where nothing is watched.</summary>
    public RolloutEvidence? Evidence { get; }

    /// <summary>The numbers that show that the stable revision burns more than <c>maxBurnRate</c>; null where none do.</summary>
    public string? Burns { get; }

    /// <param name="situation">What the rollout is decided from.</param>
    /// <param name="status">The rollout's status in this pass.</param>
    /// <param name="started">The new revision had traffic: from then on both are judged together.</param>
    /// <param name="now">Time.</param>
    public static StableWatch Of(RolloutSituation situation, RolloutStatus status, bool started, DateTime now)
    {
        if (started || situation is not { Slo: { } slo, Stable: { } stable })
        {
            return new StableWatch(null, null);
        }

        if (status.Evidence is not { } evidence || evidence.Revision != stable)
        {
            // Without a reading there is no telling what was counted before.
            return new StableWatch(situation.Slis is { IsFresh: true } ? EvidenceLedger.Begin(now, stable, null, slo, situation.Slis) : null, null);
        }

        evidence = RolloutJudge.Sample(EvidenceLedger.Add(evidence, slo, situation.Slis), now);
        return new StableWatch(evidence, RolloutJudge.Burning(evidence, slo, situation.Spec, Window, now));
    }
}
