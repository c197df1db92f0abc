using System.Globalization;
using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Api.Rollouts;

/// <summary>The arithmetic of a rollout's replicas: what may run at once, and what a share of traffic needs.</summary>
/// <param name="Replicas">Desired replicas (<c>spec.replicas</c>), the capacity that all traffic needs.</param>
/// <param name="Surge">Extra replicas that a rollout may use (<c>spec.rollout.maxSurge</c>).</param>
public readonly record struct RolloutBudget(int Replicas, int Surge)
{
    /// <summary>Replicas of all revisions together, at most.</summary>
    public int Peak => Replicas + Surge;

    /// <summary>False where two revisions cannot run beside each other: the old one must go before the new one loads.</summary>
    public bool HoldsTwo => Peak >= 2;

    /// <summary>Without surge, one replica of the old revision must go before the first of the new one loads: the share of traffic may lack one.</summary>
    public int Dip => Surge == 0 ? 1 : 0;

    /// <summary>Reads <c>spec.rollout.maxSurge</c>: a number, or a percentage of the replicas rounded up. Recreate uses none.</summary>
    public static RolloutBudget Of(RolloutSpec rollout, int replicas)
    {
        ArgumentNullException.ThrowIfNull(rollout);
        if (rollout.Strategy == RolloutStrategy.Recreate)
        {
            return new RolloutBudget(replicas, 0);
        }

        var text = rollout.MaxSurge;
        var percent = text.EndsWith('%');
        var number = long.Parse(percent ? text.AsSpan(0, text.Length - 1) : text, NumberStyles.None, CultureInfo.InvariantCulture);
        return new RolloutBudget(replicas, (int)(percent ? ((replicas * number) + 99) / 100 : number));
    }

    /// <summary>
    /// Replicas that a share of traffic needs: the share of the desired ones, rounded up. Weights are whole percents, so 67 may mean two thirds: a fraction of a
    /// replica that is smaller than a percent of all is none.
    /// </summary>
    /// <param name="weight">Percent.</param>
    public int Need(int weight) => (int)((((long)Replicas * weight) - Math.Clamp(Replicas - 1, 0, 99) + 99) / 100);

    /// <summary>Percent of traffic that so many ready replicas can serve; without surge, all but one must do for all of it.</summary>
    public int Serves(int ready) => ready >= Replicas - Dip ? 100 : (int)(100L * ready / Replicas);

    /// <summary>
    /// Replicas of the new revision at a step of a weight; one at least, as many as are free at a preview of weight 0. Never more than the old revision's share leaves:
    /// a step that asks for those would never be reached.
    /// </summary>
    public int Wanted(int weight, bool wholePreview = false) =>
        weight == 0 && wholePreview ? Math.Clamp(Surge, 1, Math.Max(1, Replicas))
        : Math.Max(1, weight is > 0 and < 100 ? Math.Min(Need(weight), Peak - Math.Max(1, Need(100 - weight) - Dip)) : Need(weight));
}
