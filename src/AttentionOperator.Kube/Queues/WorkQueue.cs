using AttentionOperator.Kube.Metrics;
using Prometheus;

namespace AttentionOperator.Kube.Queues;

/// <summary>
/// Keys that need work. A key is with at most one worker at a time; adds of a waiting key merge; an add of a key in work is remembered and
/// makes it wait again when its worker is done. Nothing added is lost. All members are safe to call from any thread.
/// </summary>
public sealed class WorkQueue<TKey> : IDisposable
    where TKey : notnull
{
    private readonly Lock gate = new();
    private readonly Dictionary<TKey, Entry> entries = [];
    private readonly Dictionary<TKey, int> failures = [];
    private readonly Queue<Ticket> live = new();
    private readonly Queue<Ticket> background = new();
    private readonly SemaphoreSlim tickets = new(0);
    private readonly CancellationTokenSource shutDown = new();
    private readonly CancellationToken ended;
    private readonly DelayedKeys<TKey> delayed;
    private readonly TimeProvider time;
    private readonly WorkQueueOptions options;
    private readonly ExponentialBackoff backoff;
    private readonly TokenBucket retries;
    private readonly Gauge.Child? depth;
    private readonly Counter.Child? adds;
    private readonly Counter.Child? retryCount;
    private readonly Histogram.Child? latency;
    private long nextTicket;
    private int waiting;

    public WorkQueue(string name, WorkQueueOptions? options = null, TimeProvider? time = null, KubeMetrics? metrics = null)
    {
        this.options = options ?? new WorkQueueOptions();
        this.time = time ?? TimeProvider.System;
        backoff = new ExponentialBackoff(this.options.FirstRetry, this.options.LongestRetry);
        retries = new TokenBucket(this.options.RetriesPerSecond, this.options.RetryBurst, this.time);
        ended = shutDown.Token;
        delayed = new DelayedKeys<TKey>(this.time, key => Add(key));
        depth = metrics?.QueueDepth.WithLabels(name);
        adds = metrics?.QueueAdds.WithLabels(name);
        retryCount = metrics?.QueueRetries.WithLabels(name);
        latency = metrics?.QueueSeconds.WithLabels(name);
    }

    /// <summary>Keys that wait for a worker; delayed ones are not counted.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return waiting;
            }
        }
    }

    /// <summary>Keys whose time has not come yet.</summary>
    public int DelayedCount => delayed.Count;

    /// <summary>Keys that a worker holds.</summary>
    public int ProcessingCount
    {
        get
        {
            lock (gate)
            {
                return entries.Count(e => e.Value.Processing);
            }
        }
    }

    public void Add(TKey key, WorkPriority priority = WorkPriority.Live)
    {
        lock (gate)
        {
            if (shutDown.IsCancellationRequested)
            {
                return;
            }

            entries.TryGetValue(key, out Entry entry);
            if (entry.Processing)
            {
                // A live reason wins over a background one that was already noted.
                entry.Priority = entry.Dirty ? Higher(entry.Priority, priority) : priority;
                entry.Dirty = true;
                entries[key] = entry;
                return;
            }

            if (entry.Ticket != 0 && entry.Priority <= priority)
            {
                return;
            }

            bool promoted = entry.Ticket != 0;
            Enqueue_NeedsLock(key, priority, promoted ? entry.Since : time.GetTimestamp(), promoted);
        }
    }

    /// <summary>Adds the key once the delay is over. Of several delayed adds of one key the earliest counts.</summary>
    public void AddAfter(TKey key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            Add(key);
        }
        else if (!shutDown.IsCancellationRequested)
        {
            delayed.Add(key, delay);
        }
    }

    /// <summary>Adds the key after its own back-off and no faster than the overall rate allows. Returns the wait.</summary>
    public TimeSpan AddRateLimited(TKey key)
    {
        int failed;
        lock (gate)
        {
            failed = failures.GetValueOrDefault(key);
            failures[key] = failed + 1;
        }

        TimeSpan own = backoff.Delay(failed);
        TimeSpan overall = retries.Reserve();
        TimeSpan delay = own > overall ? own : overall;
        retryCount?.Inc();
        AddAfter(key, delay);
        return delay;
    }

    /// <summary>Clears the key's back-off.</summary>
    public void Forget(TKey key)
    {
        lock (gate)
        {
            failures.Remove(key);
        }
    }

    /// <summary>Drops a delayed add of the key, because the state that asked for it is gone.</summary>
    public void CancelDelayed(TKey key) => delayed.Remove(key);

    public int Failures(TKey key)
    {
        lock (gate)
        {
            return failures.GetValueOrDefault(key);
        }
    }

    /// <summary>Waits for a key. The caller must call <see cref="Done"/> for it, whatever happens.</summary>
    /// <exception cref="OperationCanceledException">Cancelled, or the queue was shut down.</exception>
    public async ValueTask<TKey> TakeAsync(CancellationToken cancellation)
    {
        // Linking costs an allocation per take; the queue's own token is enough where the caller has none.
        using CancellationTokenSource? linked = cancellation.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(cancellation, ended) : null;
        CancellationToken either = linked?.Token ?? ended;
        while (true)
        {
            if (!tickets.Wait(0, CancellationToken.None))
            {
                await tickets.WaitAsync(either).ConfigureAwait(false);
            }

            either.ThrowIfCancellationRequested();
            if (TryPop(out TKey key))
            {
                return key;
            }
        }
    }

    /// <summary>Takes a key if one waits now.</summary>
    public bool TryTake(out TKey key)
    {
        while (!shutDown.IsCancellationRequested && tickets.Wait(0))
        {
            if (TryPop(out key))
            {
                return true;
            }
        }

        key = default!;
        return false;
    }

    /// <summary>Gives the key back; it waits again if it was added meanwhile.</summary>
    public void Done(TKey key)
    {
        lock (gate)
        {
            if (!entries.TryGetValue(key, out Entry entry) || !entry.Processing)
            {
                throw new InvalidOperationException($"Done was called for '{key}', which no worker holds.");
            }

            entries.Remove(key);
            if (entry.Dirty && !shutDown.IsCancellationRequested)
            {
                Enqueue_NeedsLock(key, entry.Priority, time.GetTimestamp(), promoted: false);
            }
        }
    }

    /// <summary>No key comes out any more; waiting takers are cancelled.</summary>
    public void ShutDown()
    {
        lock (gate)
        {
            if (shutDown.IsCancellationRequested)
            {
                return;
            }
        }

        shutDown.Cancel();
        delayed.Dispose();
    }

    public void Dispose()
    {
        ShutDown();
        shutDown.Dispose();
        // The semaphore is not disposed: it holds no handle, and a taker whose cancellation comes after its disposal would wait for ever.
    }

    private static WorkPriority Higher(WorkPriority a, WorkPriority b) => a <= b ? a : b;

    private void Enqueue_NeedsLock(TKey key, WorkPriority priority, long since, bool promoted)
    {
        long ticket = ++nextTicket;
        entries[key] = new Entry { Ticket = ticket, Priority = priority, Since = since };
        (priority == WorkPriority.Live ? live : background).Enqueue(new Ticket(key, ticket, since));
        if (!promoted)
        {
            waiting++;
            adds?.Inc();
            depth?.Set(waiting);
        }

        tickets.Release();
    }

    private bool TryPop(out TKey key)
    {
        lock (gate)
        {
            while (Next_NeedsLock() is { } ticket)
            {
                // A promoted key leaves its old ticket behind; that one is worth nothing.
                if (entries.TryGetValue(ticket.Key, out Entry entry) && !entry.Processing && entry.Ticket == ticket.Number)
                {
                    entries[ticket.Key] = new Entry { Processing = true };
                    waiting--;
                    depth?.Set(waiting);
                    latency?.Observe(time.GetElapsedTime(ticket.Since).TotalSeconds);
                    key = ticket.Key;
                    return true;
                }
            }
        }

        key = default!;
        return false;
    }

    private Ticket? Next_NeedsLock()
    {
        if (background.TryPeek(out Ticket oldest) && (live.Count == 0 || time.GetElapsedTime(oldest.Since) >= options.BackgroundPatience))
        {
            return background.Dequeue();
        }

        return live.TryDequeue(out Ticket ticket) ? ticket : null;
    }

    private readonly record struct Ticket(TKey Key, long Number, long Since);

    private struct Entry
    {
        public long Ticket;
        public long Since;
        public WorkPriority Priority;
        public bool Processing;
        public bool Dirty;
    }
}
