using AttentionOperator.Reconciliation;
using Prometheus;

namespace AttentionOperator.Rollouts;

/// <summary>Counts what was decided, by the words of events and conditions. Models are not labels: a thousand of them must not make a thousand series.</summary>
internal sealed class RolloutMetrics(CollectorRegistry? registry = null)
{
    private readonly Counter decisions = (registry is null ? Metrics.DefaultFactory : Metrics.WithCustomRegistry(registry))
        .CreateCounter("attention_operator_events_total", "What was decided or found, by the reason that events and conditions carry.", ["type", "reason"]);

    public void Count(PlannedEvent note) => decisions.WithLabels(note.Type.ToString(), note.Reason).Inc();
}
