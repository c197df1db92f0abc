namespace AttentionOperator.Kube.Events;

/// <summary>What the aggregator makes of a note.</summary>
internal readonly record struct EventDecision(EventDecisionKind Kind, EventSeries? Series);

internal enum EventDecisionKind
{
    Drop,
    Create,
    Repeat,
}
