namespace AttentionOperator.Nodes;

/// <summary>A replica, or all of a node's, has to leave.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Message">What says so.</param>
internal sealed record Departure(DepartureReason Reason, string Message);
