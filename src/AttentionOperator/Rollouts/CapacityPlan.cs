using AttentionOperator.Api.Rollouts;
using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Rollouts;

/// <summary>
/// How far replicas and traffic can go towards a goal in one pass. Pure. It keeps to the budget (nothing grows but into free places), never gives a revision
/// more traffic than its ready replicas can serve while it moves, and takes replicas away only from what the published split no longer needs.
/// </summary>
internal sealed class CapacityPlan
{
    private readonly RolloutBudget budget;
    private readonly CapacityGoal goal;
    private readonly RevisionState stable;
    private readonly RevisionState target;
    private readonly IReadOnlyList<RevisionState> others;
    private readonly Dictionary<string, int> published;
    private readonly bool drains;
    private readonly string? warm;

    private CapacityPlan(
        RolloutBudget budget, CapacityGoal goal, RevisionState stable, RevisionState target, IReadOnlyList<RevisionState> others, IReadOnlyList<TrafficTarget> traffic, bool drains, string? warm)
    {
        this.drains = drains;
        this.warm = warm;
        this.budget = budget;
        this.goal = goal;
        this.stable = stable;
        this.target = target;
        this.others = others;
        published = traffic.GroupBy(share => share.Revision, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Last().Weight, StringComparer.Ordinal);
    }

    /// <summary>Split to publish; stable first. Empty where nothing is published and nothing can serve.</summary>
    public IReadOnlyList<TrafficTarget> Traffic { get; private set; } = [];

    /// <summary>Percent of the revision in rollout.</summary>
    public int Weight { get; private set; }

    /// <summary>Replicas of every revision that keeps its children.</summary>
    public Dictionary<string, int> Replicas { get; } = new(StringComparer.Ordinal);

    /// <param name="budget">Desired replicas and surge.</param>
    /// <param name="goal">Where to go.</param>
    /// <param name="stable">Revision that serves.</param>
    /// <param name="target">Revision in rollout; not the stable one.</param>
    /// <param name="others">What is left of other revisions: it only shrinks.</param>
    /// <param name="traffic">The published split.</param>
    /// <param name="drains">The split changed a moment ago: what lost its traffic then stays.</param>
    /// <param name="warm">Hash of another revision that is kept warm with what the surge allows.</param>
    public static CapacityPlan Of(
        RolloutBudget budget, CapacityGoal goal, RevisionState stable, RevisionState target, IReadOnlyList<RevisionState> others, IReadOnlyList<TrafficTarget> traffic, bool drains, string? warm = null)
    {
        var plan = new CapacityPlan(budget, goal, stable, target, others, traffic, drains, warm);
        plan.Split();
        plan.Size();
        return plan;
    }

    private int Published(RevisionState revision) => published.GetValueOrDefault(revision.Hash);

    /// <summary>Desired replicas at which the target has the replicas that its weight needs; null where it has no weight.</summary>
    public int? CarriedAt => Weight == 0 ? null
        : target.ReadyReplicas >= budget.Wanted(Weight) || budget.Serves(target.ReadyReplicas) >= Weight ? budget.Replicas
        : Math.Min(goal.CarriedAt ?? budget.Replicas, budget.Replicas);

    private void Split()
    {
        if (budget.Replicas == 0 || published.Count == 0 || published.Values.Sum() != 100)
        {
            Traffic = stable.ReadyReplicas > 0 || budget.Replicas == 0 ? [new TrafficTarget { Revision = stable.Hash, Weight = 100 }] : [];
            return;
        }

        var left = published.Where(share => share.Key != stable.Hash && share.Key != target.Hash).Sum(share => share.Value);
        var free = Math.Max(budget.Serves(stable.ReadyReplicas), Published(stable));
        Weight = TargetWeight(left, free);
        var kept = stable.ReadyReplicas > 0 ? Math.Max(0, 100 - Weight - free) : Math.Min(left, 100 - Weight);
        var split = new List<TrafficTarget>();
        foreach (var share in published.Where(share => share.Key != stable.Hash && share.Key != target.Hash && share.Value > 0).OrderBy(share => share.Key, StringComparer.Ordinal))
        {
            // What is not ready serves nothing, so there is nothing to hand over step by step.
            var serves = others.Any(other => other.Hash == share.Key && other.ReadyReplicas > 0) || stable.ReadyReplicas == 0;
            var weight = serves ? Math.Min(share.Value, kept) : 0;
            kept -= weight;
            if (weight > 0)
            {
                split.Add(new TrafficTarget { Revision = share.Key, Weight = weight });
            }
        }

        var rest = 100 - Weight - split.Sum(share => share.Weight);
        if (rest > 0)
        {
            split.Insert(0, new TrafficTarget { Revision = stable.Hash, Weight = rest });
        }

        if (Weight > 0)
        {
            split.Add(new TrafficTarget { Revision = target.Hash, Weight = Weight });
        }

        Traffic = split;
    }

    private int TargetWeight(int others, int stableServes)
    {
        var now = Published(target);
        if (target.ReadyReplicas == 0)
        {
            return stable.ReadyReplicas > 0 ? 0 : now;
        }

        var serves = goal.Swap || target.ReadyReplicas >= budget.Wanted(goal.Weight) ? 100 : budget.Serves(target.ReadyReplicas);
        if (goal.Weight > now)
        {
            if (goal.Closed)
            {
                return now;
            }

            // Others give their traffic back to the stable revision first, if there is one to take it.
            return others > 0 && stable.ReadyReplicas > 0 ? now : Math.Max(now, Math.Min(goal.Weight, serves));
        }

        if (stable.ReadyReplicas == 0)
        {
            return now;
        }

        // Replicas were lost: traffic follows what is left of them, as far as the stable revision can take it. Those that are missing because more are
        // asked for now are not lost: scaling takes no traffic back.
        if (!goal.Swap && goal.CarriedAt < budget.Replicas)
        {
            var carried = budget with { Replicas = Math.Max(1, goal.CarriedAt.Value) };
            serves = target.ReadyReplicas >= carried.Wanted(goal.Weight) ? 100 : Math.Max(serves, carried.Serves(target.ReadyReplicas));
        }

        var least = serves < now && goal.Weight == now ? serves : goal.Weight;
        return goal.AtOnce || goal.Swap ? least : Math.Min(now, Math.Max(least, 100 - others - stableServes));
    }

    private void Size()
    {
        if (budget.Replicas == 0)
        {
            Replicas[stable.Hash] = 0;
            foreach (var other in others.Where(other => Published(other) > 0))
            {
                Replicas[other.Hash] = 0;
            }

            if (goal.Replicas > 0 || Published(target) > 0)
            {
                Replicas[target.Hash] = 0;
            }

            return;
        }

        var rest = others.Sum(KeepOther);
        var (wantedStable, wantedTarget) = goal.Swap ? Swapped() : Shared(rest);
        if (goal.Replicas == 0 && drains && Published(target) == 0)
        {
            wantedTarget = target.Replicas ?? 0; // Gateways may not have seen the split yet, and short requests end.
        }

        Replicas[stable.Hash] = Grow(wantedStable, stable, wantedTarget, target, rest);
        var granted = Grow(wantedTarget, target, wantedStable, stable, rest);
        if (goal.Replicas > 0 || granted > 0)
        {
            Replicas[target.Hash] = granted;
        }
    }

    /// <summary>Keeps what another revision's share needs, what is draining, and what is to stay warm; answers with the places that it takes.</summary>
    private int KeepOther(RevisionState other)
    {
        var share = Published(other);
        var keep = share > 0 ? Math.Min(other.Replicas ?? 0, Math.Max(1, budget.Need(share) - budget.Dip))
            : drains ? other.Replicas ?? 0
            : other.Hash == warm ? Math.Min(other.Replicas ?? 0, budget.Surge)
            : 0;
        if (keep > 0 || share > 0)
        {
            Replicas[other.Hash] = keep; // Also with none: what the published split names is not taken away before the split is another.
        }

        return Math.Max(keep, other.Occupied);
    }

    /// <summary>One or the other: the giving side is drained before the receiving side loads.</summary>
    private (int Stable, int Target) Swapped() => goal.Weight > 0
        ? (Published(target) == 100 ? 0 : target.ReadyReplicas > 0 ? stable.Replicas ?? 0 : 0, goal.Replicas)
        : (budget.Replicas, Published(stable) == 100 || stable.ReadyReplicas == 0 ? 0 : Math.Min(target.Replicas ?? 0, budget.Need(Published(target))));

    private (int Stable, int Target) Shared(int rest)
    {
        var stableFloor = Floor(stable, Split(stable), advancing: goal.Replicas > 0);
        var targetFloor = Floor(target, Weight, advancing: goal.Replicas == 0);
        // While others give their traffic back, the stable revision needs the places.
        var waits = stable.ReadyReplicas > 0 && others.Any(other => Published(other) > 0);
        var wantedTarget = waits ? targetFloor : Math.Max(targetFloor, Math.Min(goal.Replicas, budget.Peak - stableFloor - rest));
        var wantedStable = Math.Clamp(budget.Peak - wantedTarget - rest, stableFloor, Math.Max(stableFloor, budget.Replicas));
        return (wantedStable, wantedTarget);
    }

    private int Split(RevisionState revision) => Traffic.FirstOrDefault(share => share.Revision == revision.Hash)?.Weight ?? 0;

    /// <summary>What a revision's share needs, published or about to be; without surge the side that gives way may lack one.</summary>
    private int Floor(RevisionState revision, int weight, bool advancing)
    {
        var share = Math.Max(Published(revision), weight);
        return share == 0 ? 0 : Math.Max(1, budget.Need(share) - (advancing ? budget.Dip : 0));
    }

    /// <summary>Growth waits until the place is free: what any revision holds now, ending pods of its own included, counts until it is gone.</summary>
    private int Grow(int wanted, RevisionState revision, int wantedOther, RevisionState other, int rest)
    {
        var now = revision.Replicas ?? 0;
        var ending = Math.Max(0, revision.Pods - now);
        return wanted <= now ? wanted : Math.Max(now, Math.Min(wanted, budget.Peak - Math.Max(wantedOther, other.Occupied) - rest - ending));
    }
}
