using System.Collections.Immutable;

namespace AttentionOperator.Sandbox.Storage;

/// <summary>
/// The objects of one resource, the ring of its last changes and its watchers. Guarded by the store's lock;
/// <see cref="Snapshot"/> is immutable, so lists and pages read without it.
/// </summary>
internal sealed class ResourceTable(int historyCapacity)
{
    private readonly Queue<WatchRecord> _history = new();
    private readonly List<WatchSubscription> _watchers = [];

    public TableSnapshot Snapshot { get; private set; } = TableSnapshot.Empty;

    /// <summary>Changes up to this version are no longer in the ring.</summary>
    public long ForgottenVersion { get; private set; }

    public int WatcherCount => _watchers.Count;

    public void Apply(WatchRecord record)
    {
        Snapshot = record.Kind == ChangeKind.Deleted ? Snapshot.Without(record.Object) : Snapshot.With(record.Object);
        _history.Enqueue(record);
        if (_history.Count > historyCapacity) ForgottenVersion = _history.Dequeue().Version;
        foreach (var watcher in _watchers) watcher.Offer(record);
    }

    /// <summary>Puts back a stored object at start, without an event.</summary>
    public void Restore(StoredObject obj) => Snapshot = Snapshot.With(obj);

    public void RestoreDeleted(StoredObject obj) => Snapshot = Snapshot.Without(obj);

    public void Forget(long version)
    {
        ForgottenVersion = Math.Max(ForgottenVersion, version);
        while (_history.TryPeek(out var oldest) && oldest.Version <= version) _history.Dequeue();
    }

    public IEnumerable<WatchRecord> Since(long version) => _history.Where(r => r.Version > version);

    public void Subscribe(WatchSubscription watcher) => _watchers.Add(watcher);

    public void Unsubscribe(WatchSubscription watcher) => _watchers.Remove(watcher);

    public IReadOnlyList<WatchSubscription> Watchers => [.. _watchers];
}
