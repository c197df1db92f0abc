using AttentionOperator.Gateway.Balancing;
using AttentionOperator.Gateway.Routing;
using AttentionOperator.Gateway.Slis;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Gateway.Queueing;

/// <summary>
/// Places the requests of one model: at once where an endpoint has a free slot, else in line by class. What waits is placed when a slot becomes free, when the
/// route changes (also from no replica at all), and when an endpoint that refused work may be asked again.
/// </summary>
internal sealed class ModelQueue(ObjectKey model, RoutingTable table, SliRegistry slis, QueueLimits limits, TimeProvider time)
{
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(2);
    private const int StarvationTurn = 8;
    private readonly Lock _lock = new();
    private readonly TenantLines<Waiter>[] _lines = [new(), new(), new()];
    private long _waitingBytes;
    private uint _placed;
    private double _secondsPerSlot;
    private long _lastRelease;

    /// <summary>How long the model's starts take while requests wait for them.</summary>
    public ColdStartClock ColdStarts { get; } = new(time);

    public int Waiting => _lines.Sum(l => l.Count);

    public int WaitingOf(RequestClass @class) => _lines[(int)@class].Count;

    /// <summary>Waiting requests by the revision whose turn they are; those that no revision could be chosen for are left out.</summary>
    public IReadOnlyDictionary<string, int> WaitingByRevision()
    {
        lock (_lock)
        {
            return _lines.SelectMany(l => l.All()).Where(w => w.Ticket.Revision is not null).GroupBy(w => w.Ticket.Revision!, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
        }
    }

    /// <summary>Waits for a slot.</summary>
    /// <param name="ticket">The request.</param>
    /// <param name="whileWaiting">Called every <paramref name="interval"/> with the number of requests in the line; null: never.</param>
    /// <param name="interval">Between two calls.</param>
    /// <param name="cancellation">The caller left.</param>
    public async ValueTask<(Placement? Placement, QueueRefusal Refusal)> EnterAsync(QueueTicket ticket, Func<int, ValueTask>? whileWaiting, TimeSpan interval, CancellationToken cancellation)
    {
        Waiter waiter;
        lock (_lock)
        {
            if (table.Get(model) is not { } route) return (null, QueueRefusal.ModelGone);
            if (!route.HasEndpoints) ColdStarts.Asked();
            if (ticket.WaitUntil <= time.GetUtcNow()) return (null, Unplaceable(route));
            var line = _lines[(int)ticket.Class];
            if (_lines.Take((int)ticket.Class + 1).All(l => l.Count == 0) && TryPlace(ticket, route, time.GetUtcNow()) is { } placement) return (placement, default);
            if (ticket.AskedRevision is { } asked && route.Find(asked) is not { HasEndpoints: true }) return (null, QueueRefusal.RevisionNotFound);
            if (line.Count >= limits.MaxPerClass || _waitingBytes + ticket.Bytes > limits.MaxBytes) return (null, QueueRefusal.QueueFull);
            waiter = new Waiter(ticket, time.GetUtcNow());
            waiter.Node = line.Add(ticket.Tenant, waiter);
            _waitingBytes += ticket.Bytes;
        }

        slis.For(model).Queue();
        try
        {
            return await WaitAsync(waiter, whileWaiting, interval, cancellation);
        }
        finally
        {
            slis.For(model).Unqueue();
        }
    }

    /// <summary>When a slot is likely to be free for one more request, from the rate at which slots became free.</summary>
    public TimeSpan RetryAfter()
    {
        lock (_lock)
        {
            if (_secondsPerSlot <= 0) return TimeSpan.FromSeconds(5);
            return TimeSpan.FromSeconds(Math.Clamp(_secondsPerSlot * (Waiting + 1), 1, LongestRetryAfter.TotalSeconds));
        }
    }

    /// <summary>A slot became free.</summary>
    public void Released()
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            // The time between two releases is a rate only while somebody waits for them.
            if (Waiting == 0) _lastRelease = 0;
            if (_lastRelease != 0)
            {
                var seconds = time.GetElapsedTime(_lastRelease, now).TotalSeconds;
                _secondsPerSlot = _secondsPerSlot <= 0 ? seconds : (0.9 * _secondsPerSlot) + (0.1 * seconds);
            }

            _lastRelease = now;
        }

        Pump();
    }

    /// <summary>The route changed.</summary>
    public void Rerouted(ModelRoute? route)
    {
        if (route is { HasEndpoints: true }) ColdStarts.Started();
        Pump();
    }

    /// <summary>Places whatever can be placed now.</summary>
    public void Pump()
    {
        if (Waiting == 0) return;
        List<(Waiter, Placement)> placed = [];
        lock (_lock)
        {
            if (table.Get(model) is not { } route)
            {
                foreach (var waiter in _lines.SelectMany(l => l.All())) waiter.Source.TrySetResult(null);
                return;
            }

            var now = time.GetUtcNow();
            while (NextPlacement(route, now) is { } next) placed.Add(next);
        }

        foreach (var (waiter, placement) in placed)
        {
            if (!waiter.Source.TrySetResult(placement)) placement.Dispose();
        }
    }

    private (Waiter, Placement)? NextPlacement(ModelRoute route, DateTimeOffset now)
    {
        foreach (var waiter in InOrder(now))
        {
            if (TryPlace(waiter.Ticket, route, now) is not { } placement) continue;
            Leave(waiter, served: true);
            return (waiter, placement);
        }

        return null;
    }

    /// <summary>Heads of all lines: by class, within it by tokens served; now and then first whoever starves.</summary>
    private IEnumerable<Waiter> InOrder(DateTimeOffset now)
    {
        var heads = _lines.SelectMany(l => l.Heads()).ToList();
        if (_placed % StarvationTurn != 0) return heads;
        return heads.OrderBy(w => now - w.Since >= limits.StarvationAfter ? w.Since : DateTimeOffset.MaxValue);
    }

    private Placement? TryPlace(QueueTicket ticket, ModelRoute route, DateTimeOffset now)
    {
        if (Revision(ticket, route) is not { } revision) return null;
        ticket.Revision = revision.Revision;
        if (EndpointPicker.Pick(revision.Endpoints, ticket.Tried, route.SlotsPerEndpoint, ticket.Prefix, ticket.Tokens, now) is not { } endpoint) return null;
        endpoint.Begin(ticket.Tokens);
        _placed++;
        return new Placement(this, route, revision, endpoint, ticket.Tokens);
    }

    private static RevisionRoute? Revision(QueueTicket ticket, ModelRoute route)
    {
        if (ticket.Revision is { } known && route.Find(known) is { } kept && (ticket.Pinned || kept.Weight > 0 || ticket.AskedRevision is not null) && HasUntried(kept, ticket)) return kept;
        if (ticket.Pinned) return null;
        // A request that failed somewhere goes where it can, and takes nobody's turn in the split.
        if (ticket.Tried.Count == 0 || ticket.AskedRevision is not null) return route.Choose(ticket.AskedRevision, ticket.StickyKey);
        return route.Revisions.Where(r => r.Weight > 0 && HasUntried(r, ticket)).MaxBy(r => r.Weight);
    }

    private static bool HasUntried(RevisionRoute revision, QueueTicket ticket) => revision.Endpoints.Any(e => !ticket.Tried.Contains(e));

    private void Leave(Waiter waiter, bool served)
    {
        var line = _lines[(int)waiter.Ticket.Class];
        if (waiter.Node!.List is null) return;
        _waitingBytes -= waiter.Ticket.Bytes;
        if (served) line.Serve(waiter.Ticket.Tenant, waiter.Node, waiter.Ticket.Tokens);
        else line.Remove(waiter.Ticket.Tenant, waiter.Node);
    }

    private async Task<(Placement? Placement, QueueRefusal Refusal)> WaitAsync(Waiter waiter, Func<int, ValueTask>? whileWaiting, TimeSpan interval, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                var left = waiter.Ticket.WaitUntil - time.GetUtcNow();
                if (left <= TimeSpan.Zero) break;
                try
                {
                    var pause = whileWaiting is null || left < interval ? left : interval;
                    return await waiter.Source.Task.WaitAsync(pause, time, cancellation) is { } placement ? (placement, default) : (null, QueueRefusal.ModelGone);
                }
                catch (TimeoutException)
                {
                    if (whileWaiting is not null) await whileWaiting(Waiting);
                }
            }

            if (Withdraw(waiter) is { } late) return (late, default);
            return (null, Unplaceable(table.Get(model)));
        }
        catch
        {
            Withdraw(waiter)?.Dispose();
            throw;
        }
    }

    private static QueueRefusal Unplaceable(ModelRoute? route) => route is { HasEndpoints: true } ? QueueRefusal.Saturated : QueueRefusal.NoReadyReplica;

    private static Placement? PlacedMeanwhile(Waiter waiter) => waiter.Source.TrySetCanceled() ? null : waiter.Source.Task is { IsCompletedSuccessfully: true, Result: { } placement } ? placement : null;

    /// <summary>Takes a request out of the line; it may have been placed at the same moment.</summary>
    private Placement? Withdraw(Waiter waiter)
    {
        lock (_lock) Leave(waiter, served: false);
        return PlacedMeanwhile(waiter);
    }

    private sealed class Waiter(QueueTicket ticket, DateTimeOffset since)
    {
        public QueueTicket Ticket { get; } = ticket;

        public DateTimeOffset Since { get; } = since;

        public LinkedListNode<Waiter>? Node { get; set; }

        public TaskCompletionSource<Placement?> Source { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
