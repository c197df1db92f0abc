using AttentionOperator.Api.Naming;
using AttentionOperator.Gateway.Slis;
using Prometheus;

namespace AttentionOperator.Gateway.Metrics;

/// <summary>
/// The objectives' counters for Prometheus, taken from the same registry as <c>/slis</c> at the moment of a scrape, so that both sources of judgements say the
/// same. A counter that restarts there (the objective's definition changed) restarts here.
/// </summary>
internal sealed class ObjectiveMetrics
{
    private const int MaxModels = 1000;
    private readonly SliRegistry _slis;
    private readonly Counter _counter;
    private readonly Dictionary<string[], long> _known = new(LabelComparer.Instance);

    public ObjectiveMetrics(CollectorRegistry registry, SliRegistry slis)
    {
        _slis = slis;
        _counter = Prometheus.Metrics.WithCustomRegistry(registry).CreateCounter(
            MetricNames.ObjectiveRequests,
            "Requests (or feedback) judged by the model's objectives.",
            [MetricNames.ModelNamespace, MetricNames.Model, MetricNames.Revision, MetricNames.Objective, MetricNames.Result]);
        registry.AddBeforeCollectCallback(Update);
    }

    private void Update()
    {
        lock (_known)
        {
            var gone = new HashSet<string[]>(_known.Keys, LabelComparer.Instance);
            foreach (var model in _slis.Snapshot().Models.OrderBy(m => m.Namespace, StringComparer.Ordinal).ThenBy(m => m.Name, StringComparer.Ordinal).Take(MaxModels))
            {
                foreach (var revision in model.Revisions)
                {
                    foreach (var objective in revision.Objectives)
                    {
                        Set([model.Namespace, model.Name, revision.Revision, objective.Name, MetricNames.Good], objective.Good, gone);
                        Set([model.Namespace, model.Name, revision.Revision, objective.Name, MetricNames.Bad], objective.Bad, gone);
                    }
                }
            }

            foreach (var labels in gone)
            {
                _counter.RemoveLabelled(labels);
                _known.Remove(labels);
            }
        }
    }

    private void Set(string[] labels, long value, HashSet<string[]> gone)
    {
        gone.Remove(labels);
        if (_known.TryGetValue(labels, out var before) && value < before) _counter.RemoveLabelled(labels);
        _known[labels] = value;
        _counter.WithLabels(labels).IncTo(value);
    }

    private sealed class LabelComparer : IEqualityComparer<string[]>
    {
        public static readonly LabelComparer Instance = new();

        public bool Equals(string[]? x, string[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(string[] labels) => labels.Aggregate(0, HashCode.Combine);
    }
}
