using k8s.Models;

namespace AttentionOperator.Sandbox.Scheduling;

/// <summary>Where a pod goes, or why it goes nowhere.</summary>
/// <param name="Node">The chosen node; null when none fits.</param>
/// <param name="Message">For the pod's PodScheduled condition and the FailedScheduling event.</param>
/// <param name="Victims">Pods of lower priority whose end would make room on <paramref name="NominatedNode"/>.</param>
internal sealed record Placement(string? Node, string Message, string? NominatedNode, IReadOnlyList<V1Pod> Victims);
