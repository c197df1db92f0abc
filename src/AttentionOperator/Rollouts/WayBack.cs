namespace AttentionOperator.Rollouts;

/// <summary>Which revision traffic goes back to. Pure.</summary>
internal static class WayBack
{
    /// <summary>Where the spec's revision goes back to once it is promoted: the one before, or, where the status was lost, the newest other one.</summary>
    public static string? Of(RolloutSituation situation, string? previous) =>
        previous is not null && previous != situation.Target && situation.Find(previous) is not null
            ? previous
            : situation.Revisions.Where(revision => revision.Hash != situation.Target).MaxBy(revision => revision.Number)?.Hash;

    /// <summary>The revision that an undo goes to, or why there is none.</summary>
    /// <param name="situation">What is.</param>
    /// <param name="asked">Revision that was asked for; null: the one before.</param>
    /// <param name="previous">The one before, as the status has it.</param>
    public static (string? Revision, string? Problem) Asked(RolloutSituation situation, string? asked, string? previous)
    {
        var to = asked ?? Of(situation, previous);
        if (to is not null && to != situation.Target && situation.Find(to) is not null)
        {
            return (to, null);
        }

        return (null, asked is null ? "there is no earlier revision" : $"there is no other revision {asked}; known are {string.Join(", ", situation.Revisions.Select(found => found.Hash))}");
    }
}
