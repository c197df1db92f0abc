using System.Globalization;
using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Objects;
using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers.Deployments;

/// <summary>The writes of a Deployment to its ReplicaSets.</summary>
internal sealed class ReplicaSetEditor(ClusterCaches caches, ClusterWriter writer, EventRecorder events, OwnWrites<ObjectKey> writes)
{
    public const string RevisionAnnotation = "deployment.kubernetes.io/revision";
    public const string DesiredAnnotation = "deployment.kubernetes.io/desired-replicas";
    private const string MaximumAnnotation = "deployment.kubernetes.io/max-replicas";
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";
    private const string Component = "deployment-controller";

    public static long Revision(V1ReplicaSet set) =>
        set.Metadata.Annotations is { } annotations
        && annotations.TryGetValue(RevisionAnnotation, out var text)
        && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? revision
            : 0;

    /// <summary>Creates the ReplicaSet of the Deployment's template, as large as the rollout's bounds allow.</summary>
    public async Task CreateAsync(ObjectKey key, V1Deployment deployment, List<V1ReplicaSet> old, CancellationToken cancellation)
    {
        var hash = PodTemplateHash.Of(deployment.Spec.Template, deployment.Status?.CollisionCount ?? 0);
        var replicas = deployment.Spec.Replicas ?? 1;
        var bounds = RolloutBounds.Of(deployment.Spec);
        var room = deployment.Spec.Strategy?.Type == "Recreate" ? replicas : replicas + bounds.MaxSurge - old.Sum(r => r.Spec.Replicas ?? 0);
        var size = Math.Clamp(room, 0, replicas);
        var revision = old.Select(Revision).DefaultIfEmpty(0).Max() + 1;
        var annotations = Annotations(deployment);
        annotations[RevisionAnnotation] = revision.ToString(CultureInfo.InvariantCulture);
        var template = PodTemplateHash.Labelled(deployment.Spec.Template, hash);
        var set = new V1ReplicaSet
        {
            Metadata = new V1ObjectMeta
            {
                Name = $"{deployment.Metadata.Name}-{hash}",
                NamespaceProperty = key.Namespace,
                Labels = template.Metadata.Labels,
                Annotations = annotations,
                OwnerReferences = [OwnerReferences.To(deployment)],
            },
            Spec = new V1ReplicaSetSpec
            {
                Replicas = size,
                MinReadySeconds = deployment.Spec.MinReadySeconds,
                Selector = Selector(deployment.Spec.Selector, hash),
                Template = template,
            },
        };
        if (await writer.CreateOnceAsync(set, cancellation).ConfigureAwait(false) is { } created)
        {
            writes.Record(key, caches.ReplicaSets, created);
            events.Record(deployment, "Normal", "ScalingReplicaSet", $"Scaled up replica set {set.Metadata.Name} from 0 to {size}", Component);
            await WriteRevisionAsync(key, deployment, revision, cancellation).ConfigureAwait(false);
            return;
        }

        // The name belongs to another template, or the cache is behind: only the former needs another name.
        if (caches.ReplicaSets.Get(new ObjectKey(key.Namespace, set.Metadata.Name)) is not null
            && await writer.PatchStatusAsync(deployment, new { collisionCount = (deployment.Status?.CollisionCount ?? 0) + 1 }, cancellation).ConfigureAwait(false) is { } written)
        {
            writes.Record(key, caches.Deployments, written);
        }
    }

    /// <summary>Gives a ReplicaSet that became current again the newest revision number; true when something was written.</summary>
    public async Task<bool> AdoptRevisionAsync(ObjectKey key, V1Deployment deployment, V1ReplicaSet current, List<V1ReplicaSet> old, CancellationToken cancellation)
    {
        var newest = old.Select(Revision).DefaultIfEmpty(0).Max();
        var revision = Revision(current);
        if (revision <= newest)
        {
            revision = newest + 1;
            var patch = new { metadata = new { annotations = new Dictionary<string, string> { [RevisionAnnotation] = revision.ToString(CultureInfo.InvariantCulture) } } };
            if (await writer.PatchAsync(current, patch, null, cancellation).ConfigureAwait(false) is { } written)
            {
                writes.Record(key, caches.ReplicaSets, written);
            }

            await WriteRevisionAsync(key, deployment, revision, cancellation).ConfigureAwait(false);
            return true;
        }

        return await WriteRevisionAsync(key, deployment, revision, cancellation).ConfigureAwait(false);
    }

    /// <summary>Takes all of them to zero; true when something was written.</summary>
    public async Task<bool> ScaleAllAsync(ObjectKey key, V1Deployment deployment, IEnumerable<V1ReplicaSet> sets, CancellationToken cancellation)
    {
        var wrote = false;
        foreach (var set in sets)
        {
            wrote |= await ResizeAsync(key, deployment, set, 0, cancellation).ConfigureAwait(false);
        }

        return wrote;
    }

    /// <summary>Sets the size and the annotations that go with it; true when something was written.</summary>
    public async Task<bool> ResizeAsync(ObjectKey key, V1Deployment deployment, V1ReplicaSet set, int size, CancellationToken cancellation)
    {
        var before = set.Spec.Replicas ?? 1;
        var annotations = Annotations(deployment);
        var stale = set.Metadata.Annotations is not { } present
            || present.GetValueOrDefaultSafe(DesiredAnnotation) != annotations[DesiredAnnotation]
            || present.GetValueOrDefaultSafe(MaximumAnnotation) != annotations[MaximumAnnotation];
        if (before == size && (size == 0 || !stale))
        {
            return false;
        }

        var patch = new
        {
            metadata = new
            {
                annotations = new Dictionary<string, string>
                {
                    [DesiredAnnotation] = annotations[DesiredAnnotation],
                    [MaximumAnnotation] = annotations[MaximumAnnotation],
                },
            },
            spec = new { replicas = size },
        };
        if (await writer.PatchAsync(set, patch, null, cancellation).ConfigureAwait(false) is not { } written)
        {
            return false;
        }

        writes.Record(key, caches.ReplicaSets, written);
        if (before != size)
        {
            var direction = size > before ? "up" : "down";
            events.Record(deployment, "Normal", "ScalingReplicaSet", $"Scaled {direction} replica set {set.Metadata.Name} from {before} to {size}", Component);
        }

        return true;
    }

    private async Task<bool> WriteRevisionAsync(ObjectKey key, V1Deployment deployment, long revision, CancellationToken cancellation)
    {
        var text = revision.ToString(CultureInfo.InvariantCulture);
        if (deployment.Metadata.Annotations.GetValueOrDefaultSafe(RevisionAnnotation) == text)
        {
            return false;
        }

        var patch = new { metadata = new { annotations = new Dictionary<string, string> { [RevisionAnnotation] = text } } };
        if (await writer.PatchAsync(deployment, patch, null, cancellation).ConfigureAwait(false) is { } written)
        {
            writes.Record(key, caches.Deployments, written);
        }

        return true;
    }

    private static Dictionary<string, string> Annotations(V1Deployment deployment)
    {
        var replicas = deployment.Spec.Replicas ?? 1;
        var result = (deployment.Metadata.Annotations ?? new Dictionary<string, string>())
            .Where(a => a.Key is not (LastApplied or RevisionAnnotation))
            .ToDictionary(StringComparer.Ordinal);
        result[DesiredAnnotation] = replicas.ToString(CultureInfo.InvariantCulture);
        result[MaximumAnnotation] = (replicas + RolloutBounds.Of(deployment.Spec).MaxSurge).ToString(CultureInfo.InvariantCulture);
        return result;
    }

    private static V1LabelSelector Selector(V1LabelSelector selector, string hash) => selector with
    {
        MatchLabels = new Dictionary<string, string>(selector.MatchLabels ?? new Dictionary<string, string>(), StringComparer.Ordinal) { [PodTemplateHash.Label] = hash },
    };
}
