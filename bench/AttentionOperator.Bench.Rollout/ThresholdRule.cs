using AttentionOperator.Slo;

namespace AttentionOperator.Bench.Rollout;

/// <summary>
/// A threshold on the bad share of the last interval, as Flagger and Argo Rollouts check it, with their defaults for the rest: the share that fails is the
/// operator's own tolerable one.
/// </summary>
/// <param name="ticksPerCheck">Ticks in the interval of 60 s.</param>
/// <param name="failures">Failed checks that roll back.</param>
/// <param name="silences">Checks in a row without any request that roll back; null: each counts as a failed check.</param>
internal sealed class ThresholdRule(int ticksPerCheck, int failures, int? silences) : IRule
{
    private ObjectiveCounts window;
    private int ticks;
    private int failed;
    private int silent;

    /// <summary>Flagger: a check without values is a failed one; five failed checks roll back (its documentation's example).</summary>
    public static ThresholdRule Flagger(int ticksPerCheck) => new(ticksPerCheck, 5, null);

    /// <summary>Argo Rollouts with failureLimit 3: the fourth failure, or the fifth error (no value) in a row, aborts.</summary>
    public static ThresholdRule Argo(int ticksPerCheck) => new(ticksPerCheck, 4, 5);

    public bool Feed(ObjectiveCounts canary, ObjectiveCounts stable)
    {
        window += canary;
        if (++ticks < ticksPerCheck)
        {
            return false;
        }

        var (checkedNow, none) = (window, window.Total == 0);
        (window, ticks) = (default, 0);
        silent = none ? silent + 1 : 0;
        if ((none && silences is null) || (!none && checkedNow.BadShare > Simulation.MaxBurnRate * Simulation.Budget))
        {
            failed++;
        }

        return failed >= failures || silent >= silences;
    }
}
