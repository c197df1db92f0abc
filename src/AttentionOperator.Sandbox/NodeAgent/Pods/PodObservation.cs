using k8s.Models;

namespace AttentionOperator.Sandbox.NodeAgent.Pods;

/// <summary>What the node agent knows about a pod at one moment.</summary>
/// <param name="Address">The pod's address; null before it has one.</param>
/// <param name="VolumesReady">Whether volumes and address are there, so that containers can start.</param>
/// <param name="Terminal">Whether the pod is being stopped for good.</param>
/// <param name="FailureReason">Why the pod as a whole failed, such as DeadlineExceeded.</param>
internal sealed record PodObservation(
    V1Pod Pod,
    IReadOnlyList<V1ContainerStatus> InitContainers,
    IReadOnlyList<V1ContainerStatus> Containers,
    string? Address,
    string HostAddress,
    bool VolumesReady,
    bool Terminal,
    DateTimeOffset StartedAt,
    string? FailureReason = null,
    string? FailureMessage = null);
