using System.Collections.Immutable;
using AttentionOperator.Api.Sli;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Gateway.Slis;

/// <summary>Counters of one model: per revision, and what is known before a revision is chosen.</summary>
internal sealed class ModelCounters(ObjectKey model)
{
    private readonly Lock _lock = new();
    private ImmutableArray<ObjectiveDefinition> _objectives = [];
    private ImmutableDictionary<string, RevisionCounters> _revisions = ImmutableDictionary<string, RevisionCounters>.Empty;
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
            _revisions = _revisions.ToImmutableDictionary(r => r.Key, r => r.Value.Under(objectives));
        }
    }

    /// <summary>The current counters of a revision. Hold the revision's name over a request, not the counters: objectives may change meanwhile.</summary>
    public RevisionCounters Revision(string revision)
    {
        if (_revisions.TryGetValue(revision, out var counters)) return counters;
        lock (_lock)
        {
            if (!_revisions.TryGetValue(revision, out counters)) _revisions = _revisions.Add(revision, counters = new RevisionCounters(revision, _objectives));
            return counters;
        }
    }

    /// <summary>Forgets revisions that are neither routed nor in flight, so that a model that is changed daily does not grow for ever.</summary>
    public void Retain(IReadOnlySet<string> revisions)
    {
        lock (_lock)
        {
            _revisions = _revisions.RemoveRange(_revisions.Where(r => !revisions.Contains(r.Key) && r.Value.Snapshot().InFlight == 0).Select(r => r.Key));
        }
    }

    public ModelSli Snapshot() => new()
    {
        Namespace = model.Namespace,
        Name = model.Name,
        Queued = Volatile.Read(ref _queued),
        LastRequestAt = Volatile.Read(ref _lastRequestAt),
        Revisions = [.. _revisions.Values.OrderBy(r => r.Revision, StringComparer.Ordinal).Select(r => r.Snapshot())],
    };
}
