using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Objects;
using k8s;
using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers.Nodes;

/// <summary>Notices silent nodes, keeps the taints of cordoned and unready ones, and moves pods off nodes that they may not stay on.</summary>
internal sealed class NodeReconciler(ClusterCaches caches, ClusterWriter writer, EventRecorder events, TimeProvider time) : IReconciler<ObjectKey>
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(10);
    private const string Component = "node-controller";

    public async ValueTask<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        var now = time.GetUtcNow().UtcDateTime;
        if (caches.Nodes.Get(key) is not { } node)
        {
            foreach (var pod in caches.Pods.ByIndex(ClusterCaches.NodeIndex, key.Name))
            {
                await writer.RemovePodAsync(pod, cancellation).ConfigureAwait(false);
            }

            return ReconcileResult.Done;
        }

        var silent = NodeHealth.IsSilent(node, caches.NodeLeases.Get(new ObjectKey("kube-node-lease", key.Name)), now);
        if (silent && NodeHealth.Ready(node)?.Status != "Unknown")
        {
            await MarkUnknownAsync(node, now, cancellation).ConfigureAwait(false);
            return ReconcileResult.Waiting(LookAgain, "Heartbeat");
        }

        var taints = NodeHealth.Taints(node, now);
        if (KubernetesJson.Serialize(taints) != KubernetesJson.Serialize(node.Spec?.Taints ?? []))
        {
            await writer.PatchAsync(node, new { spec = new { taints } }, null, cancellation).ConfigureAwait(false);
            return ReconcileResult.Waiting(LookAgain, "Heartbeat");
        }

        return ReconcileResult.Waiting(await EvictAsync(node, now, cancellation).ConfigureAwait(false), "Heartbeat");
    }

    private async Task<TimeSpan> EvictAsync(V1Node node, DateTime now, CancellationToken cancellation)
    {
        var next = LookAgain;
        if (node.Spec?.Taints?.Any(t => t.Effect == "NoExecute") != true)
        {
            return next;
        }

        foreach (var pod in caches.Pods.ByIndex(ClusterCaches.NodeIndex, node.Metadata.Name).Where(p => p.Metadata.DeletionTimestamp is null))
        {
            if (TaintEviction.Due(pod, node, now) is not { } due)
            {
                continue;
            }

            if (due <= now)
            {
                events.Record(pod, "Normal", "TaintManagerEviction", "Marking for deletion Pod " + ClusterWriter.KeyOf(pod), "taint-eviction-controller");
                await writer.DeleteAsync(pod, cancellation).ConfigureAwait(false);
            }
            else if (due - now < next)
            {
                next = due - now;
            }
        }

        return next;
    }

    private async Task MarkUnknownAsync(V1Node node, DateTime now, CancellationToken cancellation)
    {
        var conditions = (node.Status?.Conditions ?? []).Where(c => c.Type != "Ready").ToList();
        conditions.Add(new V1NodeCondition
        {
            Type = "Ready",
            Status = "Unknown",
            Reason = "NodeStatusUnknown",
            Message = "Kubelet stopped posting node status.",
            LastHeartbeatTime = NodeHealth.Ready(node)?.LastHeartbeatTime,
            LastTransitionTime = now,
        });
        await writer.PatchStatusAsync(node, new { conditions }, cancellation).ConfigureAwait(false);
        events.Record(node, "Normal", "NodeNotReady", $"Node {node.Metadata.Name} status is now: NodeNotReady", Component);
    }
}
