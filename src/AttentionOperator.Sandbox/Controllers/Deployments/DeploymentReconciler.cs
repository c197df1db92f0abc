using System.Globalization;
using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers.Deployments;

/// <summary>Brings a Deployment's ReplicaSets to its template, step by step.</summary>
internal sealed class DeploymentReconciler(
    ClusterCaches caches, ClusterWriter writer, ReplicaSetEditor editor, OwnWrites<ObjectKey> writes, TimeProvider time) : IReconciler<ObjectKey>
{
    public async ValueTask<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        if (caches.Deployments.Get(key) is not { } deployment)
        {
            writes.Forget(key);
            return ReconcileResult.Done;
        }

        var sets = caches.ReplicaSets.ByIndex(IndexNames.Owner, deployment.Metadata.Uid)
            .Where(r => OwnerReferences.Controller(r.Metadata)?.Uid == deployment.Metadata.Uid)
            .OrderBy(r => r.Metadata.CreationTimestamp).ThenBy(r => r.Metadata.Name, StringComparer.Ordinal)
            .ToList();
        var current = sets.FirstOrDefault(r => PodTemplateHash.Same(r.Spec.Template, deployment.Spec.Template));
        if (deployment.Metadata.DeletionTimestamp is null)
        {
            var old = sets.Where(r => r != current).ToList();
            if (deployment.Spec.Paused == true || IsScaling(deployment, sets))
            {
                await ScaleAsync(key, deployment, current, old, cancellation).ConfigureAwait(false);
            }
            else if (await RollAsync(key, deployment, current, old, cancellation).ConfigureAwait(false))
            {
                return await WriteStatusAsync(key, deployment, current, old, cancellation).ConfigureAwait(false);
            }

            await CleanHistoryAsync(key, deployment, current, old, cancellation).ConfigureAwait(false);
        }

        return await WriteStatusAsync(key, deployment, current, [.. sets.Where(r => r != current)], cancellation).ConfigureAwait(false);
    }

    // True when something was written: the next look follows from its event.
    private async Task<bool> RollAsync(ObjectKey key, V1Deployment deployment, V1ReplicaSet? current, List<V1ReplicaSet> old, CancellationToken cancellation)
    {
        var recreate = deployment.Spec.Strategy?.Type == "Recreate";
        if (recreate && await editor.ScaleAllAsync(key, deployment, old, cancellation).ConfigureAwait(false))
        {
            return true;
        }

        if (recreate && old.Any(HasPods))
        {
            return false;
        }

        if (current is null)
        {
            await editor.CreateAsync(key, deployment, old, cancellation).ConfigureAwait(false);
            return true;
        }

        if (await editor.AdoptRevisionAsync(key, deployment, current, old, cancellation).ConfigureAwait(false))
        {
            return true;
        }

        var replicas = deployment.Spec.Replicas ?? 1;
        if (recreate)
        {
            return await editor.ResizeAsync(key, deployment, current, replicas, cancellation).ConfigureAwait(false);
        }

        var bounds = RolloutBounds.Of(deployment.Spec);
        var size = Size(current);
        var oldSizes = old.Select(Size).ToList();
        if (await editor.ResizeAsync(key, deployment, current, RollingUpdate.NewSize(replicas, bounds, size, oldSizes), cancellation).ConfigureAwait(false))
        {
            return true;
        }

        var next = RollingUpdate.OldSizes(replicas, bounds, size, oldSizes);
        foreach (var set in old.Where(r => next.ContainsKey(r.Metadata.Name)))
        {
            await editor.ResizeAsync(key, deployment, set, next[set.Metadata.Name], cancellation).ConfigureAwait(false);
        }

        return next.Count > 0;
    }

    private async Task ScaleAsync(ObjectKey key, V1Deployment deployment, V1ReplicaSet? current, List<V1ReplicaSet> old, CancellationToken cancellation)
    {
        List<V1ReplicaSet> all = current is null ? [.. old] : [.. old, current];
        var active = all.Where(r => r.Spec.Replicas > 0).Reverse().ToList();
        var replicas = deployment.Spec.Replicas ?? 1;
        if (active.Count <= 1)
        {
            if ((active.FirstOrDefault() ?? current ?? all.LastOrDefault()) is { } only)
            {
                await editor.ResizeAsync(key, deployment, only, replicas, cancellation).ConfigureAwait(false);
            }

            return;
        }

        if (current is not null && current.Spec.Replicas == replicas && current.Status?.AvailableReplicas == replicas)
        {
            await editor.ScaleAllAsync(key, deployment, old, cancellation).ConfigureAwait(false);
            return;
        }

        var allowed = replicas == 0 ? 0 : replicas + RolloutBounds.Of(deployment.Spec).MaxSurge;
        var sizes = ProportionalScaling.Sizes(allowed, [.. active.Select(Size)]);
        foreach (var set in active)
        {
            await editor.ResizeAsync(key, deployment, set, sizes[set.Metadata.Name], cancellation).ConfigureAwait(false);
        }
    }

    private async Task CleanHistoryAsync(ObjectKey key, V1Deployment deployment, V1ReplicaSet? current, List<V1ReplicaSet> old, CancellationToken cancellation)
    {
        if (current is null || !DeploymentStatusPlanner.IsComplete(deployment, DeploymentStatusPlanner.Plan(deployment, current, old, time.GetUtcNow().UtcDateTime)))
        {
            return;
        }

        var idle = old.Where(r => r.Spec.Replicas == 0 && !HasPods(r) && r.Metadata.DeletionTimestamp is null)
            .OrderBy(ReplicaSetEditor.Revision)
            .ToList();
        foreach (var set in idle.Take(Math.Max(0, idle.Count - (deployment.Spec.RevisionHistoryLimit ?? 10))))
        {
            if (await writer.DeleteAsync(set, cancellation).ConfigureAwait(false))
            {
                writes.RecordDelete(key, caches.ReplicaSets, new ObjectIdentity(ClusterWriter.KeyOf(set), set.Metadata.Uid, set.Metadata.ResourceVersion));
            }
        }
    }

    private async Task<ReconcileResult> WriteStatusAsync(
        ObjectKey key, V1Deployment deployment, V1ReplicaSet? current, List<V1ReplicaSet> old, CancellationToken cancellation)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var status = DeploymentStatusPlanner.Plan(deployment, current, old, now);
        if (!PatchJson.Same(status, deployment.Status)
            && await writer.PatchStatusAsync(deployment, status, cancellation).ConfigureAwait(false) is { } written)
        {
            writes.Record(key, caches.Deployments, written);
        }

        return DeploymentStatusPlanner.Deadline(deployment, status.Conditions) is { } deadline && deadline > now
            ? ReconcileResult.Waiting(deadline - now + TimeSpan.FromMilliseconds(10), "ProgressDeadline")
            : ReconcileResult.Done;
    }

    // The wanted number has changed since the ReplicaSets with pods were last sized.
    private static bool IsScaling(V1Deployment deployment, List<V1ReplicaSet> sets) => sets.Any(r =>
        r.Spec.Replicas > 0
        && r.Metadata.Annotations is { } annotations
        && annotations.TryGetValue(ReplicaSetEditor.DesiredAnnotation, out var desired)
        && desired != (deployment.Spec.Replicas ?? 1).ToString(CultureInfo.InvariantCulture));

    // Pods on their way out count as well: Recreate must not run two versions side by side.
    private bool HasPods(V1ReplicaSet set) =>
        caches.Pods.ByIndex(IndexNames.Owner, set.Metadata.Uid).Any(p => !PodFacts.IsFinished(p)) || set.Status?.Replicas > 0;

    private static ReplicaSetSize Size(V1ReplicaSet set) =>
        new(set.Metadata.Name, set.Spec.Replicas ?? 1, set.Status?.Replicas ?? 0, set.Status?.AvailableReplicas ?? 0);
}
