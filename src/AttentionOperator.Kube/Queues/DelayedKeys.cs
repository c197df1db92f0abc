namespace AttentionOperator.Kube.Queues;

/// <summary>Keys with a due time, on one timer. Of several due times of one key the earliest counts.</summary>
internal sealed class DelayedKeys<TKey> : IDisposable
    where TKey : notnull
{
    private const int SmallHeap = 64;
    private readonly Lock gate = new();
    private readonly PriorityQueue<TKey, long> heap = new();
    private readonly Dictionary<TKey, long> due = [];
    private readonly TimeProvider time;
    private readonly Action<TKey> release;
    private readonly ITimer timer;
    private long armedFor = long.MaxValue;
    private bool disposed;

    public DelayedKeys(TimeProvider time, Action<TKey> release)
    {
        this.time = time;
        this.release = release;
        timer = time.CreateTimer(_ => ReleaseDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Count
    {
        get
        {
            lock (gate)
            {
                return due.Count;
            }
        }
    }

    /// <summary>Entries that are kept, those of dropped keys included.</summary>
    internal int HeldCount
    {
        get
        {
            lock (gate)
            {
                return heap.Count;
            }
        }
    }

    public void Add(TKey key, TimeSpan delay)
    {
        lock (gate)
        {
            if (disposed)
            {
                return;
            }

            long at = time.GetTimestamp() + (long)Math.Ceiling(delay.TotalSeconds * time.TimestampFrequency);
            if (due.TryGetValue(key, out long known) && known <= at)
            {
                return;
            }

            due[key] = at;
            heap.Enqueue(key, at);
            Compact_NeedsLock();
            Arm_NeedsLock();
        }
    }

    public void Remove(TKey key)
    {
        lock (gate)
        {
            due.Remove(key);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            heap.Clear();
            due.Clear();
        }

        timer.Dispose();
    }

    private void ReleaseDue()
    {
        List<TKey> ready = [];
        lock (gate)
        {
            if (disposed)
            {
                return;
            }

            armedFor = long.MaxValue;
            long now = time.GetTimestamp();
            while (heap.TryPeek(out TKey? key, out long at) && at <= now)
            {
                heap.Dequeue();
                if (due.TryGetValue(key, out long current) && current == at)
                {
                    due.Remove(key);
                    ready.Add(key);
                }
            }

            Arm_NeedsLock();
        }

        foreach (TKey key in ready)
        {
            release(key);
        }
    }

    // A key that is delayed for long, dropped and delayed again leaves an entry each time; without this they would stay until they are due.
    private void Compact_NeedsLock()
    {
        if (heap.Count <= SmallHeap || heap.Count <= 2 * due.Count)
        {
            return;
        }

        heap.Clear();
        heap.EnqueueRange(due.Select(static entry => (entry.Key, entry.Value)));
    }

    private void Arm_NeedsLock()
    {
        // Superseded and removed entries are dropped here, so that they never wake anybody.
        while (heap.TryPeek(out TKey? key, out long at) && !(due.TryGetValue(key, out long current) && current == at))
        {
            heap.Dequeue();
        }

        if (!heap.TryPeek(out _, out long next) || next >= armedFor)
        {
            return;
        }

        armedFor = next;
        TimeSpan wait = time.GetElapsedTime(time.GetTimestamp(), next);
        // Timers count whole milliseconds: rounding up avoids waking just before the time and spinning.
        double milliseconds = Math.Max(0, Math.Ceiling(wait.TotalMilliseconds));
        timer.Change(TimeSpan.FromMilliseconds(Math.Min(milliseconds, int.MaxValue)), Timeout.InfiniteTimeSpan);
    }
}
