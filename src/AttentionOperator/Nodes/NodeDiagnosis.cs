using k8s.Models;

namespace AttentionOperator.Nodes;

/// <summary>Finds out from a node whether its pods have to leave. Pure.</summary>
internal static class NodeDiagnosis
{
    private static readonly (string Taint, DepartureReason Reason)[] Taints =
    [
        ("aws-node-termination-handler/", DepartureReason.NodeTermination),
        ("cloud.google.com/impending-node-termination", DepartureReason.NodeTermination),
        ("node.cloudprovider.kubernetes.io/shutdown", DepartureReason.NodeTermination),
        ("node.kubernetes.io/out-of-service", DepartureReason.NodeTermination),
        ("ToBeDeletedByClusterAutoscaler", DepartureReason.NodeDraining),
        ("karpenter.sh/disrupted", DepartureReason.NodeDraining),
        ("karpenter.sh/disruption", DepartureReason.NodeDraining),
        ("nvidia.com/gpu-unhealthy", DepartureReason.AcceleratorUnhealthy),
        ("nvidia.com/gpu.unhealthy", DepartureReason.AcceleratorUnhealthy),
        ("attentionoperator.io/gpu-unhealthy", DepartureReason.AcceleratorUnhealthy),
    ];

    // Node problem detectors report by conditions that are true when something is wrong.
    private static readonly (string Condition, DepartureReason Reason)[] Conditions =
    [
        ("PreemptScheduled", DepartureReason.NodeTermination),
        ("TerminateScheduled", DepartureReason.NodeTermination),
        ("RebootScheduled", DepartureReason.NodeTermination),
        ("RedeployScheduled", DepartureReason.NodeTermination),
        ("TerminationScheduled", DepartureReason.NodeTermination),
        ("GPUUnhealthy", DepartureReason.AcceleratorUnhealthy),
        ("GpuUnhealthy", DepartureReason.AcceleratorUnhealthy),
        ("XIDHardwareError", DepartureReason.AcceleratorUnhealthy),
    ];

    /// <summary>Why the node's pods have to leave; null where they may stay. The most urgent reason counts.</summary>
    public static Departure? Of(V1Node node)
    {
        foreach (var taint in node.Spec?.Taints ?? [])
        {
            if (Taints.FirstOrDefault(known => taint.Key.StartsWith(known.Taint, StringComparison.Ordinal)) is { Taint: not null } found)
            {
                return new Departure(found.Reason, $"node {node.Metadata.Name} has the taint {taint.Key}");
            }
        }

        foreach (var condition in node.Status?.Conditions ?? [])
        {
            if (condition.Status == "True" && Conditions.FirstOrDefault(known => known.Condition == condition.Type) is { Condition: not null } found)
            {
                return new Departure(found.Reason, $"node {node.Metadata.Name} has the condition {condition.Type}{(string.IsNullOrEmpty(condition.Message) ? "" : $": {condition.Message}")}");
            }
        }

        if (node.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready") is { Status: "Unknown" } ready)
        {
            return new Departure(DepartureReason.NodeUnreachable, $"node {node.Metadata.Name} does not answer: {ready.Reason}");
        }

        return node.Metadata.DeletionTimestamp is not null ? new Departure(DepartureReason.NodeTermination, $"node {node.Metadata.Name} is being deleted")
            : node.Spec?.Unschedulable == true ? new Departure(DepartureReason.NodeDraining, $"node {node.Metadata.Name} is cordoned")
            : null;
    }
}
