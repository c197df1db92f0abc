namespace AttentionOperator.Inference.Engine;

/// <summary>Promises that are open, by caller and by the second at which they are due. Not thread-safe.</summary>
internal sealed class PromiseBook
{
    /// <summary>Furthest that anybody is told to come back, in seconds.</summary>
    public const int Horizon = 900;

    private const int MaxPromises = 100_000;
    private const int Lines = 3;
    private readonly Dictionary<UInt128, Queue<Promise>> byKey = [];
    private readonly PriorityQueue<Promise, long> byEnd = new();
    private readonly HashSet<Promise> open = new(ReferenceEqualityComparer.Instance);

    // What is due in a second is at [second modulo the horizon]; what is overdue, but still kept, is in the first pair.
    private readonly (long Requests, long Tokens)[] overdue = new (long, long)[Lines];
    private readonly (long Requests, long Tokens)[,] due = new (long, long)[Horizon + 1, Lines];
    private long now;

    public int Open => open.Count;

    /// <summary>Moves on to a second: what came due is overdue, what was not claimed in time is given up.</summary>
    public void AdvanceTo(long second)
    {
        if (second <= now) return;
        // After a long silence every slot has come due.
        for (var s = Math.Max(now + 1, second - Horizon); s <= second; s++)
        {
            for (var c = 0; c < Lines; c++)
            {
                ref var slot = ref due[s % (Horizon + 1), c];
                overdue[c] = (overdue[c].Requests + slot.Requests, overdue[c].Tokens + slot.Tokens);
                slot = default;
            }
        }

        now = second;
        while (byEnd.TryPeek(out var promise, out var until) && until <= now)
        {
            byEnd.Dequeue();
            if (open.Contains(promise)) Remove(promise);
        }
    }

    /// <summary>The promise that the caller has, the earliest of several; null where there is none.</summary>
    public Promise? Find(UInt128 key) => key != 0 && byKey.TryGetValue(key, out var queue) ? queue.Peek() : null;

    /// <summary>Keeps it; too many are not kept, and their callers come back as anybody.</summary>
    public void Add(Promise promise)
    {
        if (byEnd.Count >= MaxPromises) return;
        open.Add(promise);
        byEnd.Enqueue(promise, promise.Until);
        Count(promise, true);
        if (promise.Key == 0) return;
        if (!byKey.TryGetValue(promise.Key, out var queue)) byKey[promise.Key] = queue = new Queue<Promise>(1);
        queue.Enqueue(promise);
    }

    /// <summary>Counts the promise, or not for a while; the holder asks whether there is room without it.</summary>
    public void Count(Promise promise, bool counts)
    {
        var sign = counts ? 1 : -1;
        Slot(promise) = (Slot(promise).Requests + (sign * promise.Requests), Slot(promise).Tokens + (sign * promise.Tokens));
    }

    public void Remove(Promise promise)
    {
        if (!open.Remove(promise)) return;
        Count(promise, false);
        if (promise.Key == 0 || !byKey.TryGetValue(promise.Key, out var queue)) return;
        // Nearly always the first of one.
        for (var i = queue.Count; i > 0; i--)
        {
            var next = queue.Dequeue();
            if (!ReferenceEquals(next, promise)) queue.Enqueue(next);
        }

        if (queue.Count == 0) byKey.Remove(promise.Key);
    }

    /// <summary>
    /// The earliest second from now (0 = at once) at which so much can be taken without breaking a promise; null where
    /// there is none within the horizon. What is taken at a second must still leave room at every later one.
    /// </summary>
    /// <param name="line">Line that is asked for: nobody in it or in an earlier one is overtaken.</param>
    /// <param name="requests">Room for requests now, and places freed per second.</param>
    /// <param name="tokens">The same in tokens.</param>
    public int? Earliest(PromiseLine line, Room requests, Room tokens)
    {
        long placesBefore = 0, tokensBefore = 0;
        for (var c = 0; c <= (int)line; c++)
        {
            placesBefore += overdue[c].Requests;
            tokensBefore += overdue[c].Tokens;
        }

        var earliest = 0;
        for (var d = 0; d <= Horizon; d++)
        {
            if (d > 0)
            {
                for (var c = 0; c <= (int)line; c++)
                {
                    var slot = due[(now + d) % (Horizon + 1), c];
                    placesBefore += slot.Requests;
                    tokensBefore += slot.Tokens;
                }
            }

            if (!requests.Has(placesBefore, d) || !tokens.Has(tokensBefore, d)) earliest = d + 1;
        }

        return earliest <= Horizon ? earliest : null;
    }

    private ref (long Requests, long Tokens) Slot(Promise promise)
    {
        if (promise.Due <= now) return ref overdue[(int)promise.Line];
        return ref due[promise.Due % (Horizon + 1), (int)promise.Line];
    }

    /// <summary>Room in one dimension.</summary>
    /// <param name="Free">What is free now, less what is asked for.</param>
    /// <param name="PerSecond">What becomes free per second.</param>
    internal readonly record struct Room(double Free, double PerSecond)
    {
        public bool Has(long promised, int seconds) => promised <= Free + (PerSecond * seconds);
    }
}
