namespace AttentionOperator.Sandbox.Controllers.Autoscaling;

/// <summary>A scale subresource: how many replicas are wanted and there, and which pods they are.</summary>
internal sealed record TargetScale(int Wanted, int Current, string Selector);
