namespace AttentionOperator.Sandbox.Controllers.Deployments;

/// <summary>
/// What a change of the wanted number does in the middle of a rollout: all ReplicaSets with pods grow or shrink in proportion to their size, so that
/// the state of the rollout stays what it was.
/// </summary>
internal static class ProportionalScaling
{
    /// <param name="allowed">The wanted number with the surge.</param>
    /// <param name="sets">ReplicaSets with pods, the newest first.</param>
    /// <returns>The next size by name, for all of them.</returns>
    public static IReadOnlyDictionary<string, int> Sizes(int allowed, IReadOnlyList<ReplicaSetSize> sets)
    {
        var total = sets.Sum(s => s.Desired);
        var sizes = sets.ToDictionary(s => s.Name, s => s.Desired, StringComparer.Ordinal);
        var change = allowed - total;
        if (change == 0 || total == 0)
        {
            return sizes;
        }

        // The largest first, and of equals the newer one when growing, the older one when shrinking.
        var order = sets.Select((set, age) => (Set: set, Age: age))
            .OrderByDescending(s => s.Set.Desired)
            .ThenBy(s => change > 0 ? s.Age : -s.Age)
            .Select(s => s.Set)
            .ToList();
        var left = change;
        foreach (var set in order)
        {
            var share = (int)Math.Round((decimal)set.Desired * allowed / total, MidpointRounding.AwayFromZero) - set.Desired;
            var step = change > 0 ? Math.Clamp(share, 0, left) : Math.Clamp(share, left, 0);
            sizes[set.Name] += step;
            left -= step;
        }

        // What rounding left over goes to the largest, and on to the next where one cannot shrink any more.
        foreach (var set in order)
        {
            var step = Math.Max(left, -sizes[set.Name]);
            sizes[set.Name] += step;
            left -= step;
        }

        return sizes;
    }
}
