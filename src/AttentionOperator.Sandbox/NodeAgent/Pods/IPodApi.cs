using k8s.Models;

namespace AttentionOperator.Sandbox.NodeAgent.Pods;

/// <summary>What the node agent writes to the API server.</summary>
internal interface IPodApi
{
    Task UpdateStatusAsync(V1Pod pod, V1PodStatus status, CancellationToken cancellationToken);

    /// <summary>Removes the pod object for good, if it still is this one.</summary>
    Task DeleteAsync(V1Pod pod, CancellationToken cancellationToken);

    /// <summary>Records an event about the pod, or about one of its containers where a name is given.</summary>
    void Event(V1Pod pod, string type, string reason, string message, string? container = null);
}
