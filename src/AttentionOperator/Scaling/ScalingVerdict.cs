namespace AttentionOperator.Scaling;

/// <summary>A decision.</summary>
/// <param name="Replicas">Replicas to ask for; the present number where nothing changes.</param>
/// <param name="Reason">Why it changes, or what should be said; null where nothing is.</param>
/// <param name="Message">With the numbers.</param>
/// <param name="Memory">For the next look.</param>
internal sealed record ScalingVerdict(int Replicas, ScalingReason? Reason, string Message, ScalingMemory Memory);
