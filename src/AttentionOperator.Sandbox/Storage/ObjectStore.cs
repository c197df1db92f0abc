using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace AttentionOperator.Sandbox.Storage;

/// <summary>
/// The single source of truth: one rising version over all resources, compare-and-swap writes, change history, watches.
/// A write is acknowledged when the log (where there is one) has it on disk.
/// </summary>
internal sealed class ObjectStore : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ResourceTable> _tables = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly int _historyCapacity;
    private readonly WriteAheadLog? _log;
    private long _version = 1;

    public ObjectStore(int historyCapacity, WriteAheadLog? log, bool keepsHistory = false)
    {
        _historyCapacity = historyCapacity;
        _log = log;
        if (log is null) return;
        var records = log.Replay();
        var whole = keepsHistory ? WholeFrom(records) : long.MaxValue;
        foreach (var (table, record) in records)
        {
            var target = Table(table);
            if (record.Version >= whole) target.Apply(record with { Previous = target.Snapshot.Find(record.Object.Namespace, record.Object.Name) });
            else if (record.Kind == ChangeKind.Deleted) target.RestoreDeleted(record.Object);
            else target.Restore(record.Object);
            _version = Math.Max(_version, record.Version);
        }

        // What the log does not tell without gaps is forgotten: watches from older versions must list again.
        RestoredVersion = Math.Min(_version, whole - 1);
        foreach (var table in _tables.Values) table.Forget(RestoredVersion);
    }

    public long Version => Volatile.Read(ref _version);

    /// <summary>Version at start; watches from before it have expired.</summary>
    public long RestoredVersion { get; }

    public TableSnapshot Snapshot(string table) => Table(table).Snapshot;

    /// <summary>A snapshot together with a version at which it was current.</summary>
    public (TableSnapshot Snapshot, long Version) Read(string table)
    {
        lock (_lock) return (Table(table).Snapshot, _version);
    }

    /// <summary>The objects as they were at a version, by taking back what came after; null when that is forgotten.</summary>
    public TableSnapshot? SnapshotAt(string table, long version)
    {
        lock (_lock)
        {
            var target = Table(table);
            if (version > _version || version < Math.Max(target.ForgottenVersion, RestoredVersion)) return null;
            return target.Since(version).Reverse().Aggregate(target.Snapshot, (snapshot, record) =>
                record.Previous is { } previous ? snapshot.With(previous) : snapshot.Without(record.Object));
        }
    }

    public StoredObject? Find(string table, string ns, string name) => Table(table).Snapshot.Find(ns, name);

    /// <summary>Stores a new object; null when the name is taken.</summary>
    public async ValueTask<StoredObject?> CreateAsync(string table, JsonObject obj, IReadOnlyList<string> selectableFields)
    {
        StoredObject stored;
        lock (_lock)
        {
            var target = Table(table);
            stored = StoredObject.From(obj, _version + 1, selectableFields);
            if (target.Snapshot.Find(stored.Namespace, stored.Name) is not null) return null;
            Commit(table, target, new WatchRecord(ChangeKind.Added, stored, null));
        }

        await AcknowledgeAsync().ConfigureAwait(false);
        return stored;
    }

    /// <summary>Replaces <paramref name="previous"/>; null when it is no longer the current version.</summary>
    public async ValueTask<StoredObject?> UpdateAsync(string table, StoredObject previous, JsonObject obj, IReadOnlyList<string> selectableFields)
    {
        StoredObject stored;
        lock (_lock)
        {
            var target = Table(table);
            if (target.Snapshot.Find(previous.Namespace, previous.Name)?.Version != previous.Version) return null;
            stored = StoredObject.From(obj, _version + 1, selectableFields);
            Commit(table, target, new WatchRecord(ChangeKind.Modified, stored, previous));
        }

        await AcknowledgeAsync().ConfigureAwait(false);
        return stored;
    }

    /// <summary>Removes <paramref name="previous"/>, its last state being <paramref name="last"/>; null when it is no longer the current version.</summary>
    public async ValueTask<StoredObject?> DeleteAsync(string table, StoredObject previous, JsonObject last, IReadOnlyList<string> selectableFields)
    {
        StoredObject stored;
        lock (_lock)
        {
            var target = Table(table);
            if (target.Snapshot.Find(previous.Namespace, previous.Name)?.Version != previous.Version) return null;
            stored = StoredObject.From(last, _version + 1, selectableFields);
            Commit(table, target, new WatchRecord(ChangeKind.Deleted, stored, previous));
        }

        await AcknowledgeAsync().ConfigureAwait(false);
        return stored;
    }

    /// <summary>
    /// Starts a watch: without a version the snapshot and everything after it, with one only what came after.
    /// Null when changes since that version are forgotten.
    /// </summary>
    public WatchStart? Watch(string table, long? sinceVersion)
    {
        lock (_lock)
        {
            var target = Table(table);
            if (sinceVersion is { } since && since < Math.Max(target.ForgottenVersion, RestoredVersion)) return null;
            var subscription = new WatchSubscription();
            foreach (var record in sinceVersion is { } from ? target.Since(from) : []) subscription.Offer(record);
            target.Subscribe(subscription);
            return new WatchStart(target.Snapshot, _version, subscription);
        }
    }

    public void Unwatch(string table, WatchSubscription subscription)
    {
        lock (_lock) Table(table).Unsubscribe(subscription);
        subscription.End();
    }

    /// <summary>
    /// The version of which a watcher may be told that it has seen everything up to it, given that its queue is empty;
    /// null when records are waiting.
    /// </summary>
    public long? ProgressOf(WatchSubscription subscription)
    {
        lock (_lock) return subscription.Records.Count == 0 ? _version : null;
    }

    /// <summary>Forgets the history up to now, as compaction does: older watches and pages get 410.</summary>
    public void Compact()
    {
        lock (_lock)
        {
            foreach (var table in _tables.Values) table.Forget(_version);
        }
    }

    /// <summary>Ends the running watches of one resource, or all.</summary>
    public void EndWatches(string? table = null)
    {
        lock (_lock)
        {
            foreach (var (name, target) in _tables)
            {
                if (table is not null && name != table) continue;
                foreach (var watcher in target.Watchers) watcher.End();
            }
        }
    }

    public long CompactedVersion(string table)
    {
        lock (_lock) return Math.Max(Table(table).ForgottenVersion, RestoredVersion);
    }

    public async ValueTask DisposeAsync()
    {
        EndWatches();
        if (_log is not null) await _log.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The version from which the log has every change: one that was rewritten without garbage has gaps before.</summary>
    private static long WholeFrom(IReadOnlyList<(string Table, WatchRecord Record)> records)
    {
        if (records.Count == 0) return long.MaxValue;
        var first = records.Count - 1;
        while (first > 0 && records[first - 1].Record.Version == records[first].Record.Version - 1) first--;
        return records[first].Record.Version;
    }

    private void Commit(string name, ResourceTable table, WatchRecord record)
    {
        _log?.Append(name, record);
        Volatile.Write(ref _version, record.Version);
        table.Apply(record);
    }

    private ValueTask AcknowledgeAsync() => _log?.FlushedAsync() ?? ValueTask.CompletedTask;

    private ResourceTable Table(string name) => _tables.GetOrAdd(name, _ => new ResourceTable(_historyCapacity));
}
