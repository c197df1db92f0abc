namespace AttentionOperator.Sandbox.Controllers.Deployments;

/// <summary>
/// The arithmetic of a rolling update: the new ReplicaSet grows as far as the surge allows, old ones shrink as far as availability allows, pods
/// that are not available first. One step from what is observed; it is repeated until nothing changes.
/// </summary>
internal static class RollingUpdate
{
    /// <summary>The new ReplicaSet's next size.</summary>
    public static int NewSize(int replicas, RolloutBounds bounds, ReplicaSetSize current, IReadOnlyList<ReplicaSetSize> old)
    {
        if (current.Desired >= replicas)
        {
            return replicas;
        }

        var total = current.Desired + old.Sum(o => o.Desired);
        var room = replicas + bounds.MaxSurge - total;
        return room <= 0 ? current.Desired : current.Desired + Math.Min(room, replicas - current.Desired);
    }

    /// <summary>The old ReplicaSets' next sizes, the oldest first; only those that change.</summary>
    public static IReadOnlyDictionary<string, int> OldSizes(int replicas, RolloutBounds bounds, ReplicaSetSize current, IReadOnlyList<ReplicaSetSize> old)
    {
        var sizes = old.ToDictionary(o => o.Name, o => o.Desired, StringComparer.Ordinal);
        var total = current.Desired + old.Sum(o => o.Desired);
        var minimum = replicas - bounds.MaxUnavailable;
        var newUnavailable = current.Desired - current.AvailableToStay;
        var budget = total - minimum - newUnavailable;
        if (budget > 0)
        {
            RemoveUnhealthy(old, sizes, budget);
            RemoveHealthy(old, sizes, current.AvailableToStay + old.Sum(o => o.AvailableToStay) - minimum);
        }

        return old.Where(o => sizes[o.Name] != o.Desired).ToDictionary(o => o.Name, o => sizes[o.Name], StringComparer.Ordinal);
    }

    private static void RemoveUnhealthy(IReadOnlyList<ReplicaSetSize> old, Dictionary<string, int> sizes, int budget)
    {
        var removed = 0;
        foreach (var set in old.Where(o => o.Desired > 0))
        {
            var count = Math.Min(budget - removed, set.Desired - set.AvailableToStay);
            sizes[set.Name] -= count;
            removed += count;
        }
    }

    private static void RemoveHealthy(IReadOnlyList<ReplicaSetSize> old, Dictionary<string, int> sizes, int budget)
    {
        foreach (var set in old)
        {
            var count = Math.Clamp(budget, 0, sizes[set.Name]);
            sizes[set.Name] -= count;
            budget -= count;
        }
    }
}
