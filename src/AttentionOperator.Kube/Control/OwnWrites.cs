using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Kube.Control;

/// <summary>
/// Read-your-writes guard. A reconciler records each write it made for a key; while the cache does not show them yet, the key is not reconciled,
/// because a plan from a cache older than one's own writes would act twice. The wait is bounded: an event that never comes must not block a key for ever.
/// </summary>
public sealed class OwnWrites<TKey>(TimeSpan timeout, TimeProvider? time = null)
    where TKey : notnull
{
    private readonly Lock gate = new();
    private readonly Dictionary<TKey, List<Write>> writes = [];
    // Keys that are never reconciled again would otherwise stay for ever.
    private const int SweepEvery = 1_024;
    private readonly TimeProvider time = time ?? TimeProvider.System;
    private int sinceSweep;

    /// <summary>Keys with writes that were not seen yet when last looked at.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return writes.Count;
            }
        }
    }

    /// <summary>Notes that <paramref name="written"/> is what the server answered to a write for <paramref name="key"/>.</summary>
    /// <param name="key">The reconciled key, not the written object's.</param>
    /// <param name="cache">The cache that the reconciler reads this kind from.</param>
    /// <param name="written">Identity after the write.</param>
    public void Record(TKey key, IVersionSource cache, ObjectIdentity written) => Add(key, new Write(cache, written, false, time.GetTimestamp()));

    /// <summary>Notes that the object was deleted; the guard waits until the cache lacks that incarnation or shows that it is going.</summary>
    public void RecordDelete(TKey key, IVersionSource cache, ObjectIdentity deleted) => Add(key, new Write(cache, deleted, true, time.GetTimestamp()));

    /// <summary>Null where the cache shows every recorded write, else how long to wait for it at most.</summary>
    public TimeSpan? Behind(TKey key)
    {
        lock (gate)
        {
            if (!writes.TryGetValue(key, out List<Write>? list))
            {
                return null;
            }

            TimeSpan longest = TimeSpan.Zero;
            for (int i = list.Count - 1; i >= 0; i--)
            {
                TimeSpan left = timeout - time.GetElapsedTime(list[i].At);
                if (left <= TimeSpan.Zero || list[i].IsVisible())
                {
                    list.RemoveAt(i);
                }
                else if (left > longest)
                {
                    longest = left;
                }
            }

            if (list.Count > 0)
            {
                return longest;
            }

            writes.Remove(key);
            return null;
        }
    }

    public void Forget(TKey key)
    {
        lock (gate)
        {
            writes.Remove(key);
        }
    }

    private void Add(TKey key, Write write)
    {
        lock (gate)
        {
            if (++sinceSweep >= SweepEvery)
            {
                sinceSweep = 0;
                Sweep_NeedsLock();
            }

            if (!writes.TryGetValue(key, out List<Write>? list))
            {
                writes[key] = list = [];
            }

            list.RemoveAll(w => w.Written.Key == write.Written.Key && w.Cache == write.Cache);
            list.Add(write);
        }
    }

    private void Sweep_NeedsLock()
    {
        foreach (TKey key in writes.Where(e => e.Value.TrueForAll(w => time.GetElapsedTime(w.At) >= timeout)).Select(e => e.Key).ToList())
        {
            writes.Remove(key);
        }
    }

    private readonly record struct Write(IVersionSource Cache, ObjectIdentity Written, bool Deleted, long At)
    {
        public bool IsVisible()
        {
            ObjectIdentity? cached = Cache.IdentityOf(Written.Key);
            if (Deleted)
            {
                // A graceful delete first shows as a newer version with a deletion timestamp.
                return cached is not { } still || !string.Equals(still.Uid, Written.Uid, StringComparison.Ordinal)
                    || ResourceVersions.Compare(still.ResourceVersion, Written.ResourceVersion) is > 0;
            }

            // The collection's version tells even about an object that came and went between two looks.
            if (ResourceVersions.Compare(Cache.LatestResourceVersion, Written.ResourceVersion) is >= 0)
            {
                return true;
            }

            if (cached is not { } seen)
            {
                return false;
            }

            int? order = ResourceVersions.Compare(seen.ResourceVersion, Written.ResourceVersion);
            return order is null ? !string.Equals(seen.Uid, Written.Uid, StringComparison.Ordinal) : order >= 0;
        }
    }
}
