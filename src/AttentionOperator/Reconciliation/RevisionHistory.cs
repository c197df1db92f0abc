using AttentionOperator.Api.Policies;
using AttentionOperator.Api.Revisions;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Observation;

namespace AttentionOperator.Reconciliation;

/// <summary>The revisions of a model that run or could: its history, what has a Deployment without a history, and the spec's own.</summary>
internal sealed class RevisionHistory
{
    private RevisionHistory(IReadOnlyList<RevisionEntry> entries, RevisionEntry? target)
    {
        Entries = entries;
        Target = target;
    }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<RevisionEntry> Entries { get; }

    /// <summary>The revision of the spec; null where the spec is invalid.</summary>
    public RevisionEntry? Target { get; }

    /// <param name="model">The model.</param>
    /// <param name="observed">Its children.</param>
    /// <param name="defaultImage">Image for a new revision; null where the spec is invalid, and so has no revision.</param>
    public static RevisionHistory Of(AttentionModel model, ModelObservation observed, string? defaultImage)
    {
        var entries = observed.Revisions
            .GroupBy(revision => revision.Hash, StringComparer.Ordinal)
            .Select(same => same.MaxBy(revision => revision.Number)!)
            .Select(revision => new RevisionEntry(revision.Hash, revision.Number, revision.Snapshot, revision))
            .ToList();

        // A Deployment whose ControllerRevision was deleted by hand serves on as it is.
        entries.AddRange(observed.Deployments
            .Where(deployment => !deployment.IsDeleting && entries.All(entry => entry.Hash != deployment.Revision))
            .Select(deployment => new RevisionEntry(deployment.Revision, 0, null, null)));

        RevisionEntry? target = null;
        if (defaultImage is not null)
        {
            target = TargetOf(model, observed, entries, defaultImage);
            entries.RemoveAll(entry => entry.Hash == target.Hash);
            entries.Add(target);
        }

        entries.Sort((left, right) => left.Number != right.Number ? left.Number.CompareTo(right.Number) : string.CompareOrdinal(left.Hash, right.Hash));
        return new RevisionHistory(entries, target);
    }

    private static RevisionEntry TargetOf(AttentionModel model, ModelObservation observed, List<RevisionEntry> entries, string defaultImage)
    {
        // The spec's revision may exist under the hash of older rules; it stays the same revision then.
        var known = entries
            .Where(entry => entry.Snapshot is not null && RevisionHash.Compute(model.Spec, entry.Snapshot.HashVersion) == entry.Hash)
            .MaxBy(entry => entry.Number);
        var newest = entries.Count == 0 ? 0 : entries.Max(entry => entry.Number);
        if (known is not null)
        {
            // Going back to an older revision makes it the newest, as Kubernetes' own controllers number them.
            return known.Number == newest ? known : known with { Number = newest + 1 };
        }

        var hash = RevisionHash.Compute(model.Spec);
        if (entries.FirstOrDefault(entry => entry.Hash == hash && entry.Observed is not null) is { } unreadable)
        {
            return unreadable;
        }

        // Pods of this very revision may run although its history is gone: their image and the way they were rendered stay.
        var running = observed.Deployments.FirstOrDefault(deployment => deployment.Revision == hash && !deployment.IsDeleting);
        // Defaults of policies are those of the time at which the revision is made: a policy that changes restarts no pod.
        var snapshot = RevisionSnapshot.Of(model.Spec, running?.Image ?? defaultImage) with { Limits = PolicyDefaulting.Limits(model.Spec, observed.Policy.Policies) };
        return new RevisionEntry(hash, newest + 1, running is null ? snapshot : snapshot with { RenderVersion = running.RenderVersion }, null);
    }
}
