namespace AttentionOperator.Inference.Engine;

/// <summary>
/// Bounds what waits, in requests and in tokens, and says when to come back. A place is taken before any work is done for the request and
/// given back when it first runs or is dropped; a preempted request needs none. Who is refused gets a promise: nobody but interactive requests
/// overtakes it, so that the line outside moves like the queue inside, first come first served. Thread-safe.
/// </summary>
internal sealed class AdmissionControl
{
    private static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(60);

    /// <summary>While nothing has started yet, the queue is assumed to take this long.</summary>
    private const double AssumedSecondsPerQueue = 30;

    /// <summary>Rates vary; promising less than was measured keeps promises. What is not promised goes to whoever comes.</summary>
    private const double Caution = 0.8;

    /// <summary>Where a promise falls due before the queue has drained as far as was thought, it may pass the bound by this share. With work that is a third slower for a while, nearly all are kept.</summary>
    private const double Overdraft = 0.5;

    /// <summary>Below this share of the bounds nobody is refused.</summary>
    private const double LowWater = 0.5;

    /// <summary>How long a place is kept for who does not come, at least; a tenth of the wait where that is longer.</summary>
    private const long LeastGrace = 5;

    private readonly Lock gate = new();
    private readonly int maxRequests;
    private readonly long maxTokens;
    private readonly double interactiveReserve;
    private readonly TimeProvider time;
    private readonly long born;
    private readonly RateMeter[] requestRates;
    private readonly RateMeter[] tokenRates;
    private readonly PromiseBook promises = new();
    private Queued interactive;
    private Queued others;

    public AdmissionControl(int maxRequests, long maxTokens, double interactiveReserve, TimeProvider time)
    {
        (this.maxRequests, this.maxTokens, this.interactiveReserve, this.time) = (maxRequests, maxTokens, interactiveReserve, time);
        born = time.GetTimestamp();
        requestRates = [.. Enumerable.Range(0, 3).Select(_ => new RateMeter(time, RateWindow))];
        tokenRates = [.. Enumerable.Range(0, 3).Select(_ => new RateMeter(time, RateWindow))];
    }

    public (int Requests, long Tokens) Waiting
    {
        get
        {
            lock (gate) return (interactive.Requests + others.Requests, interactive.Tokens + others.Tokens);
        }
    }

    /// <summary>Callers that were told to come back and have not yet.</summary>
    public int Promised
    {
        get
        {
            lock (gate)
            {
                promises.AdvanceTo(Now());
                return promises.Open;
            }
        }
    }

    /// <summary>Takes a place or throws <see cref="RequestRefusedException"/>.</summary>
    public void Enter(int cost, PriorityClass priority) => Enter(1, cost, priority, 0);

    /// <summary>Takes places for requests that belong together, all or none.</summary>
    /// <param name="count">Requests.</param>
    /// <param name="cost">Their tokens.</param>
    /// <param name="priority">Their class.</param>
    /// <param name="key">By which the caller is known when it comes back; 0 = not.</param>
    public void Enter(int count, long cost, PriorityClass priority, UInt128 key)
    {
        lock (gate)
        {
            var now = Now();
            promises.AdvanceTo(now);
            var (places, budget) = Bounds(priority);
            // What is larger than the whole bound is taken when nothing else waits, else it could never run.
            var alone = interactive.Requests + others.Requests == 0;
            var line = priority == PriorityClass.Interactive ? PromiseLine.Interactive : PromiseLine.Others;
            // A request beyond a bound counts as one that fills it.
            var fitting = (Count: Math.Min(count, places.Limit), Cost: Math.Min(cost, budget.Limit));
            var promise = promises.Find(key);
            if (promise is not null && now < promise.Due)
            {
                // Earlier than told: there may be room all the same, else the answer is what is left of the wait.
                promises.Count(promise, false);
                var free = Wait(line) == 0;
                promises.Count(promise, true);
                if (!free) throw Refusal(places, budget, count, cost, priority, promise.Due - now);
                promises.Remove(promise);
                Add(count, cost, priority);
                return;
            }

            if (promise is not null)
            {
                promises.Remove(promise);
                if (alone || (places.Takes(fitting.Count, Overdraft) && budget.Takes(fitting.Cost, Overdraft))) Add(count, cost, priority);
                else throw Promise(places, budget, count, cost, priority, key, now, line == PromiseLine.Others ? PromiseLine.Late : line, Earliest(PromiseLine.Late));
                return;
            }

            var wait = Wait(line);
            if (wait == 0) Add(count, cost, priority);
            else throw Promise(places, budget, count, cost, priority, key, now, line, wait);

            // Where little waits, whoever comes keeps nobody out, and the engine must not run dry for promises that are due later.
            int? Wait(PromiseLine of) => alone || (places.Takes(count, LowWater - 1) && budget.Takes(cost, LowWater - 1)) ? 0 : Earliest(of);

            int? Earliest(PromiseLine of) => promises.Earliest(of, places.Less(fitting.Count), budget.Less(fitting.Cost));
        }
    }

    /// <summary>Places for a request that is inside already.</summary>
    public void Add(int count, long cost, PriorityClass priority = PriorityClass.Standard)
    {
        lock (gate) Of(priority).Change(count, cost);
    }

    /// <summary>The request started: this is what the drain rate is measured from.</summary>
    public void Start(int cost, PriorityClass priority = PriorityClass.Standard)
    {
        lock (gate)
        {
            requestRates[(int)priority].Add(1);
            tokenRates[(int)priority].Add(cost);
            Of(priority).Change(-1, -cost);
        }
    }

    /// <summary>The request left the queue without having run.</summary>
    public void Drop(int cost, PriorityClass priority = PriorityClass.Standard) => Drop(1, cost, priority);

    public void Drop(int count, long cost, PriorityClass priority)
    {
        lock (gate) Of(priority).Change(-count, -cost);
    }

    private ref Queued Of(PriorityClass priority) => ref priority == PriorityClass.Interactive ? ref interactive : ref others;

    /// <summary>Interactive requests have the whole queue, but for what others may use of it; what those have beyond it is not their concern.</summary>
    private (Bound Places, Bound Budget) Bounds(PriorityClass priority)
    {
        var share = 1 - interactiveReserve;
        var (shareOfPlaces, shareOfTokens) = (Math.Max(1, (int)(maxRequests * share)), (long)(maxTokens * share));
        var (requestRate, tokenRate) = (Rate(requestRates, priority, maxRequests), Rate(tokenRates, priority, maxTokens));
        return priority == PriorityClass.Interactive
            ? (new Bound(maxRequests, interactive.Requests + Math.Min(others.Requests, shareOfPlaces), requestRate), new Bound(maxTokens, interactive.Tokens + Math.Min(others.Tokens, shareOfTokens), tokenRate))
            : (new Bound(shareOfPlaces, interactive.Requests + others.Requests, requestRate), new Bound(shareOfTokens, interactive.Tokens + others.Tokens, tokenRate));
    }

    /// <summary>Refuses and keeps a place; without one where the line is longer than anybody is told to wait.</summary>
    private RequestRefusedException Promise(Bound places, Bound budget, int count, long cost, PriorityClass priority, UInt128 key, long now, PromiseLine line, int? wait)
    {
        long seconds = Math.Clamp(wait ?? PromiseBook.Horizon, 1, PromiseBook.Horizon);
        if (wait is not null)
        {
            var due = now + seconds;
            // Who cannot be told again finds the place free when it comes, or somebody else does.
            promises.Add(new Promise(key, line, Math.Min(count, places.Limit), Math.Min(cost, budget.Limit), due, key == 0 ? due : due + Math.Max(LeastGrace, seconds / 10)));
        }

        return Refusal(places, budget, count, cost, priority, seconds);
    }

    private static RequestRefusedException Refusal(Bound places, Bound budget, int count, long cost, PriorityClass priority, long seconds)
    {
        var retryAfter = TimeSpan.FromSeconds(seconds);
        return !places.Takes(count, 0) || budget.Takes(cost, 0)
            ? new RequestRefusedException(RefusalReason.QueueFull, $"{places.Used} requests are waiting, of {places.Limit} that may wait in class {priority}, and others were told to come back before.", retryAfter)
            : new RequestRefusedException(RefusalReason.TokensFull, $"{budget.Used} tokens are waiting; {cost} more would pass the {budget.Limit} that may wait in class {priority}.", retryAfter);
    }

    /// <summary>Places that become free per second. Those of interactive requests are taken by interactive requests again.</summary>
    private static double Rate(RateMeter[] rates, PriorityClass priority, double bound)
    {
        double rate = 0;
        for (var c = priority == PriorityClass.Interactive ? 0 : 1; c < rates.Length; c++) rate += rates[c].PerSecond();
        return rate > 0 ? rate * Caution : bound / AssumedSecondsPerQueue;
    }

    private long Now() => (long)time.GetElapsedTime(born).TotalSeconds + 1;

    /// <summary>What waits.</summary>
    private struct Queued
    {
        public int Requests;
        public long Tokens;

        public void Change(int requests, long tokens) => (Requests, Tokens) = (Requests + requests, Tokens + tokens);
    }

    /// <summary>One bound of the queue.</summary>
    private readonly record struct Bound(int Limit, int Used, double PerSecond)
    {
        public Bound(long limit, long used, double perSecond) : this((int)Math.Min(limit, int.MaxValue), (int)Math.Min(used, int.MaxValue), perSecond)
        {
        }

        /// <summary>Within the bound, changed by a share of it.</summary>
        public bool Takes(long more, double share) => Used + more <= Limit + (share > 0 ? Math.Max(1, Limit * share) : Limit * share);

        public PromiseBook.Room Less(long more) => new(Limit - Used - more, PerSecond);
    }
}
