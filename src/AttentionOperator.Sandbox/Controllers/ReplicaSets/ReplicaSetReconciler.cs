using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Sandbox.Scheduling;
using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers.ReplicaSets;

/// <summary>Keeps as many pods of a template as wanted.</summary>
internal sealed class ReplicaSetReconciler(ClusterCaches caches, ClusterWriter writer, EventRecorder events, OwnWrites<ObjectKey> writes, TimeProvider time)
    : IReconciler<ObjectKey>
{
    private const string Component = "replicaset-controller";
    private const int MaximumBurst = 500;

    public async ValueTask<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        if (caches.ReplicaSets.Get(key) is not { } set)
        {
            writes.Forget(key);
            return ReconcileResult.Done;
        }

        var pods = await ClaimAsync(key, set, cancellation).ConfigureAwait(false);
        if (set.Metadata.DeletionTimestamp is null)
        {
            await ScaleAsync(key, set, [.. pods.Where(PodFacts.IsActive)], cancellation).ConfigureAwait(false);
        }

        return await WriteStatusAsync(key, set, pods, cancellation).ConfigureAwait(false);
    }

    // Pods that nobody controls and that the selector matches are taken over.
    private async Task<List<V1Pod>> ClaimAsync(ObjectKey key, V1ReplicaSet set, CancellationToken cancellation)
    {
        var owned = caches.Pods.ByIndex(IndexNames.Owner, set.Metadata.Uid)
            .Where(p => OwnerReferences.Controller(p.Metadata)?.Uid == set.Metadata.Uid)
            .ToList();
        if (set.Metadata.DeletionTimestamp is not null)
        {
            return owned;
        }

        foreach (var orphan in caches.Pods.ByIndex(ClusterCaches.OrphanIndex, key.Namespace)
            .Where(p => PodFacts.IsActive(p) && LabelMatching.Matches(set.Spec.Selector, p.Metadata.Labels)))
        {
            var patch = new { metadata = new { uid = orphan.Metadata.Uid, ownerReferences = (object[])[OwnerReferences.To(set)] } };
            if (await writer.PatchAsync(orphan, patch, null, cancellation).ConfigureAwait(false) is { } adopted)
            {
                writes.Record(key, caches.Pods, adopted);
                owned.Add(orphan);
            }
        }

        return owned;
    }

    private async Task ScaleAsync(ObjectKey key, V1ReplicaSet set, List<V1Pod> active, CancellationToken cancellation)
    {
        var missing = (set.Spec.Replicas ?? 1) - active.Count;
        if (missing > 0)
        {
            await Task.WhenAll(Enumerable.Range(0, Math.Min(missing, MaximumBurst)).Select(_ => CreateAsync(key, set, cancellation))).ConfigureAwait(false);
        }
        else if (missing < 0)
        {
            var surplus = DeletionOrder.Sort(active).Take(Math.Min(-missing, MaximumBurst));
            await Task.WhenAll(surplus.Select(pod => DeleteAsync(key, set, pod, cancellation))).ConfigureAwait(false);
        }
    }

    private async Task CreateAsync(ObjectKey key, V1ReplicaSet set, CancellationToken cancellation)
    {
        var template = set.Spec.Template;
        var pod = new V1Pod
        {
            Metadata = new V1ObjectMeta
            {
                GenerateName = set.Metadata.Name + "-",
                NamespaceProperty = key.Namespace,
                Labels = template.Metadata?.Labels,
                Annotations = template.Metadata?.Annotations,
                Finalizers = template.Metadata?.Finalizers,
                OwnerReferences = [OwnerReferences.To(set)],
            },
            Spec = template.Spec,
        };
        try
        {
            var created = await writer.CreateAsync(pod, cancellation).ConfigureAwait(false);
            writes.Record(key, caches.Pods, created);
            events.Record(set, "Normal", "SuccessfulCreate", $"Created pod: {created.Key.Name}", Component);
        }
        catch (Kube.Client.KubeApiException exception)
        {
            events.Record(set, "Warning", "FailedCreate", $"Error creating: {exception.Message}", Component);
            throw;
        }
    }

    private async Task DeleteAsync(ObjectKey key, V1ReplicaSet set, V1Pod pod, CancellationToken cancellation)
    {
        if (await writer.DeleteAsync(pod, cancellation).ConfigureAwait(false))
        {
            writes.RecordDelete(key, caches.Pods, new ObjectIdentity(ClusterWriter.KeyOf(pod), pod.Metadata.Uid, pod.Metadata.ResourceVersion));
            events.Record(set, "Normal", "SuccessfulDelete", $"Deleted pod: {pod.Metadata.Name}", Component);
        }
    }

    private async Task<ReconcileResult> WriteStatusAsync(ObjectKey key, V1ReplicaSet set, List<V1Pod> pods, CancellationToken cancellation)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var minReady = set.Spec.MinReadySeconds ?? 0;
        var active = pods.Where(PodFacts.IsActive).ToList();
        var status = new V1ReplicaSetStatus
        {
            Replicas = active.Count,
            FullyLabeledReplicas = active.Count(p => LabelMatching.Matches(set.Spec.Template.Metadata?.Labels, p.Metadata.Labels)),
            ReadyReplicas = active.Count(PodFacts.IsReady),
            AvailableReplicas = active.Count(p => PodFacts.IsAvailable(p, minReady, now)),
            ObservedGeneration = set.Metadata.Generation,
        };
        if (!PatchJson.Same(status, set.Status)
            && await writer.PatchStatusAsync(set, status, cancellation).ConfigureAwait(false) is { } written)
        {
            writes.Record(key, caches.ReplicaSets, written);
        }

        var next = active.Where(p => PodFacts.IsReady(p) && !PodFacts.IsAvailable(p, minReady, now))
            .Select(p => (DateTime?)PodFacts.ReadyCondition(p)!.LastTransitionTime!.Value.AddSeconds(minReady))
            .Min();
        return next is { } due && due > now ? ReconcileResult.Waiting(due - now + TimeSpan.FromMilliseconds(10), "MinReadySeconds") : ReconcileResult.Done;
    }
}
