using AttentionOperator.Sandbox.Controllers;
using k8s.Models;

namespace AttentionOperator.Sandbox.NodeAgent.Pods;

/// <summary>The node agent's writes, over the API.</summary>
internal sealed class PodApi(ClusterWriter writer, EventRecorder events) : IPodApi
{
    private const string Component = "kubelet";

    public Task UpdateStatusAsync(V1Pod pod, V1PodStatus status, CancellationToken cancellationToken) =>
        writer.PatchAsync(pod, new { metadata = new { uid = pod.Metadata.Uid }, status }, "status", cancellationToken);

    public Task DeleteAsync(V1Pod pod, CancellationToken cancellationToken) => writer.RemovePodAsync(pod, cancellationToken);

    public void Event(V1Pod pod, string type, string reason, string message, string? container = null) =>
        events.Record(pod, type, reason, message, Component, container is null ? null : $"spec.containers{{{container}}}");
}
