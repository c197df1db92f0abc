using System.Collections.Immutable;
using AttentionOperator.Api.Sli;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Gateway.Slis;

/// <summary>Counters of one model: per revision, and what is known before a revision is chosen.</summary>
internal sealed class ModelCounters(ObjectKey model)
{
    private readonly Lock _lock = new();
    private ImmutableArray<ObjectiveDefinition> _objectives = [];
    // A handful, read without a lock by every request and, all of them, by every look of the operator: an array in order of name.
    private ImmutableArray<RevisionCounters> _revisions = [];
    private long _queued;
    private double _lastRequestAt;

    public void Arrived(DateTimeOffset now) => Volatile.Write(ref _lastRequestAt, now.ToUnixTimeMilliseconds() / 1000.0);

    public void Queue() => Interlocked.Increment(ref _queued);

    public void Unqueue() => Interlocked.Decrement(ref _queued);

    public void Configure(ImmutableArray<ObjectiveDefinition> objectives)
    {
        lock (_lock)
        {
            if (_objectives.SequenceEqual(objectives)) return;
            _objectives = objectives;
            _revisions = [.. _revisions.Select(r => r.Under(objectives))];
        }
    }

    /// <summary>The current counters of a revision. Hold the revision's name over a request, not the counters: objectives may change meanwhile.</summary>
    public RevisionCounters Revision(string revision)
    {
        if (Find(revision) is { } known) return known;
        lock (_lock)
        {
            if (Find(revision) is { } counters) return counters;
            counters = new RevisionCounters(revision, _objectives);
            _revisions = [.. _revisions.Append(counters).OrderBy(r => r.Revision, StringComparer.Ordinal)];
            return counters;
        }
    }

    /// <summary>Forgets revisions that are neither routed nor in flight, so that a model that is changed daily does not grow for ever.</summary>
    public void Retain(IReadOnlySet<string> revisions)
    {
        lock (_lock)
        {
            _revisions = _revisions.RemoveAll(r => !revisions.Contains(r.Revision) && r.Snapshot().InFlight == 0);
        }
    }

    public ModelSli Snapshot() => new()
    {
        Namespace = model.Namespace,
        Name = model.Name,
        Queued = Volatile.Read(ref _queued),
        LastRequestAt = Volatile.Read(ref _lastRequestAt),
        Revisions = RevisionsNow(),
    };

    private RevisionSli[] RevisionsNow()
    {
        var counters = _revisions;
        var now = new RevisionSli[counters.Length];
        for (var i = 0; i < now.Length; i++) now[i] = counters[i].Snapshot();
        return now;
    }

    private RevisionCounters? Find(string revision)
    {
        foreach (var counters in _revisions)
        {
            if (counters.Revision == revision) return counters;
        }

        return null;
    }
}
