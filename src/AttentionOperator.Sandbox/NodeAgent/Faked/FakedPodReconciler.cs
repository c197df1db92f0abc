using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Sandbox.Controllers;
using AttentionOperator.Sandbox.NodeAgent.Addresses;
using AttentionOperator.Sandbox.NodeAgent.Pods;
using k8s.Models;

namespace AttentionOperator.Sandbox.NodeAgent.Faked;

/// <summary>Makes bound pods Ready without any process, and lets deleted ones go at once: for measuring everything around the pods.</summary>
internal sealed class FakedPodReconciler(ClusterCaches caches, ClusterWriter writer, AddressPool addresses, string hostAddress, TimeProvider time) : IReconciler<ObjectKey>
{
    public async ValueTask<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        if (caches.Pods.Get(key) is not { } pod || string.IsNullOrEmpty(pod.Spec.NodeName))
        {
            return ReconcileResult.Done;
        }

        if (pod.Metadata.DeletionTimestamp is not null)
        {
            await writer.RemovePodAsync(pod, cancellation).ConfigureAwait(false);
            addresses.Release(pod.Metadata.Uid);
        }
        else if (!PodFacts.IsReady(pod) && !PodFacts.IsFinished(pod))
        {
            await writer.PatchStatusAsync(pod, Status(pod), cancellation).ConfigureAwait(false);
        }

        return ReconcileResult.Done;
    }

    private V1PodStatus Status(V1Pod pod)
    {
        var now = time.GetUtcNow();
        var running = new V1ContainerState { Running = new V1ContainerStateRunning { StartedAt = now.UtcDateTime } };
        var done = new V1ContainerState { Terminated = new V1ContainerStateTerminated { ExitCode = 0, Reason = "Completed", StartedAt = now.UtcDateTime, FinishedAt = now.UtcDateTime } };
        return PodStatusBuilder.Build(
            new PodObservation(
                pod,
                [.. (pod.Spec.InitContainers ?? []).Select(c => Container(c, c.RestartPolicy == "Always" ? running : done))],
                [.. pod.Spec.Containers.Select(c => Container(c, running))],
                addresses.Acquire(pod.Metadata.Uid).ToString(),
                hostAddress,
                VolumesReady: true,
                Terminal: false,
                now),
            null,
            now);
    }

    private static V1ContainerStatus Container(V1Container container, V1ContainerState state) => new()
    {
        Name = container.Name,
        Image = container.Image,
        ImageID = container.Image,
        Ready = true,
        Started = true,
        State = state,
    };
}
