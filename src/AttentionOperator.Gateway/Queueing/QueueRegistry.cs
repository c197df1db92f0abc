using System.Collections.Concurrent;
using AttentionOperator.Gateway.Routing;
using AttentionOperator.Gateway.Slis;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Gateway.Queueing;

/// <summary>The queues of all models that have been asked for.</summary>
internal sealed class QueueRegistry : IDisposable
{
    private static readonly TimeSpan PumpInterval = TimeSpan.FromMilliseconds(200);
    private readonly ConcurrentDictionary<ObjectKey, ModelQueue> _queues = new();
    private readonly Func<ObjectKey, ModelQueue> _create;
    private readonly ITimer _timer;

    public QueueRegistry(RoutingTableSource routing, SliRegistry slis, QueueLimits limits, TimeProvider time)
    {
        _create = key => new ModelQueue(key, routing.Table, slis, limits, time);
        routing.Changed += (key, route) =>
        {
            if (!_queues.TryGetValue(key, out var queue)) return;
            queue.Rerouted(route);
            if (route is null) _queues.TryRemove(key, out _);
        };
        // Endpoints that refused work, and ejected ones, become usable again without an event.
        _timer = time.CreateTimer(_ => PumpAll(), null, PumpInterval, PumpInterval);
    }

    public ModelQueue For(ObjectKey model) => _queues.GetOrAdd(model, _create);

    /// <summary>Waiting requests of a model by revision; empty where none wait.</summary>
    public IReadOnlyDictionary<string, int> WaitingByRevision(ObjectKey model) =>
        _queues.TryGetValue(model, out var queue) && queue.Waiting > 0 ? queue.WaitingByRevision() : System.Collections.Immutable.ImmutableDictionary<string, int>.Empty;

    /// <summary>Requests that wait, per model and class, where any do.</summary>
    public IEnumerable<(ObjectKey Model, RequestClass Class, int Waiting)> Depths() =>
        from queue in _queues
        from @class in Enum.GetValues<RequestClass>()
        select (queue.Key, @class, queue.Value.WaitingOf(@class));

    public void Dispose() => _timer.Dispose();

    private void PumpAll()
    {
        foreach (var (_, queue) in _queues)
        {
            if (queue.Waiting > 0) queue.Pump();
        }
    }
}
