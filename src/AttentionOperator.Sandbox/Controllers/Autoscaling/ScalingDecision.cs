namespace AttentionOperator.Sandbox.Controllers.Autoscaling;

/// <summary>The next size and the conditions that explain it.</summary>
/// <param name="Replicas">The size to set.</param>
/// <param name="Active">ScalingActive: whether metrics drive the size; reason and message with it.</param>
/// <param name="Limited">ScalingLimited: whether a bound or a policy held the metrics' wish back.</param>
/// <param name="Reason">Why the size changes, for the event.</param>
internal sealed record ScalingDecision(
    int Replicas,
    (bool Status, string Reason, string Message) Active,
    (bool Status, string Reason, string Message) Limited,
    string Reason,
    ScalingHistory History);
