namespace AttentionOperator.Reconciliation;

/// <summary>An event to report on the AttentionModel.</summary>
/// <param name="Type">Normal or Warning.</param>
/// <param name="Reason">One CamelCase word, the same as in the condition that changed.</param>
/// <param name="Message">For people, with names and numbers.</param>
internal sealed record PlannedEvent(EventType Type, string Reason, string Message);
