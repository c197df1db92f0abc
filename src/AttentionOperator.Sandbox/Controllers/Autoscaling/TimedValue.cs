namespace AttentionOperator.Sandbox.Controllers.Autoscaling;

/// <summary>A recommendation (replicas) or a change (replicas added or removed) and when it was.</summary>
internal readonly record struct TimedValue(DateTimeOffset At, int Replicas);
