using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers.Autoscaling;

/// <summary>What one metric asks for.</summary>
/// <param name="Replicas">Null where the metric could not be read.</param>
/// <param name="Name">For messages: <c>external metric queue_depth</c>.</param>
/// <param name="Status">For status.currentMetrics.</param>
/// <param name="FailureReason">Condition reason such as FailedGetExternalMetric.</param>
internal sealed record MetricProposal(int? Replicas, string Name, V2MetricStatus? Status, string? FailureReason = null, string? FailureMessage = null)
{
    public static MetricProposal Failed(string name, string reason, string message) => new(null, name, null, reason, message);
}
