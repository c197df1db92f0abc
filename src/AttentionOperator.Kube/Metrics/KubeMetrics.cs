using Prometheus;

namespace AttentionOperator.Kube.Metrics;

/// <summary>
/// The metrics of the control loop. Names are <c>{prefix}_reconcile_total</c> and so on; they are part of the public contract and never change casually.
/// </summary>
public sealed class KubeMetrics
{
    private static readonly double[] Seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
    private readonly Counter apiCalls;
    private readonly Histogram apiSeconds;
    private readonly Counter watchRestarts;
    private readonly Counter watchEvents;
    private readonly Counter malformed;
    private readonly Gauge cacheObjects;
    private readonly Counter applies;
    private readonly Gauge leader;

    public KubeMetrics(string prefix = "kube", CollectorRegistry? registry = null)
    {
        MetricFactory factory = registry is null ? Prometheus.Metrics.DefaultFactory : Prometheus.Metrics.WithCustomRegistry(registry);
        var histogram = new HistogramConfiguration { Buckets = Seconds };
        apiCalls = factory.CreateCounter($"{prefix}_api_calls_total", "Requests to the API server, every attempt counted; code 0 is a request without an answer.", ["verb", "code"]);
        apiSeconds = factory.CreateHistogram($"{prefix}_api_call_duration_seconds", "Time to the answer's headers.", ["verb"], histogram);
        watchRestarts = factory.CreateCounter($"{prefix}_watch_restarts_total", "Watches that ended and were started again.", ["resource", "reason"]);
        watchEvents = factory.CreateCounter($"{prefix}_watch_events_total", "Watch events received.", ["resource", "type"]);
        malformed = factory.CreateCounter($"{prefix}_malformed_objects_total", "Objects that could not be read.", ["resource"]);
        cacheObjects = factory.CreateGauge($"{prefix}_cache_objects", "Objects in the informer's cache.", ["resource"]);
        applies = factory.CreateCounter($"{prefix}_applies_total", "Server-side applies by outcome; unchanged ones cost no request.", ["resource", "outcome"]);
        leader = factory.CreateGauge($"{prefix}_leader", "1 while this process holds the lease.", ["lease"]);
        ReconcileTotal = factory.CreateCounter($"{prefix}_reconcile_total", "Reconciles by result: done, waiting, terminal, error.", ["controller", "result"]);
        ReconcileSeconds = factory.CreateHistogram($"{prefix}_reconcile_duration_seconds", "Time of one reconcile.", ["controller"], histogram);
        ActiveWorkers = factory.CreateGauge($"{prefix}_reconcile_active", "Reconciles in progress.", ["controller"]);
        QueueDepth = factory.CreateGauge($"{prefix}_queue_depth", "Keys waiting for a worker.", ["controller"]);
        QueueAdds = factory.CreateCounter($"{prefix}_queue_adds_total", "Keys that entered the queue; merged adds are not counted.", ["controller"]);
        QueueRetries = factory.CreateCounter($"{prefix}_queue_retries_total", "Adds with back-off.", ["controller"]);
        QueueSeconds = factory.CreateHistogram($"{prefix}_queue_latency_seconds", "Time a key waited for a worker.", ["controller"], histogram);
    }

    internal Counter ReconcileTotal { get; }

    internal Histogram ReconcileSeconds { get; }

    internal Gauge ActiveWorkers { get; }

    internal Gauge QueueDepth { get; }

    internal Counter QueueAdds { get; }

    internal Counter QueueRetries { get; }

    internal Histogram QueueSeconds { get; }

    internal void ApiCall(string verb, string code, TimeSpan elapsed)
    {
        apiCalls.WithLabels(verb, code).Inc();
        apiSeconds.WithLabels(verb).Observe(elapsed.TotalSeconds);
    }

    internal void WatchRestart(string resource, string reason) => watchRestarts.WithLabels(resource, reason).Inc();

    internal void WatchEvent(string resource, string type) => watchEvents.WithLabels(resource, type).Inc();

    internal void Malformed(string resource) => malformed.WithLabels(resource).Inc();

    internal void CacheObjects(string resource, int count) => cacheObjects.WithLabels(resource).Set(count);

    internal void Applied(string resource, string outcome) => applies.WithLabels(resource, outcome).Inc();

    internal void Leader(string lease, bool leads) => leader.WithLabels(lease).Set(leads ? 1 : 0);
}
