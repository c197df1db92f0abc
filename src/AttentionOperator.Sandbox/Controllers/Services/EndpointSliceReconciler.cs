using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Sandbox.Scheduling;
using k8s;
using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers.Services;

/// <summary>Keeps the EndpointSlices of Services that have a selector.</summary>
internal sealed class EndpointSliceReconciler(ClusterCaches caches, ClusterWriter writer, OwnWrites<ObjectKey> writes) : IReconciler<ObjectKey>
{
    /// <summary>Services that a pod may belong to.</summary>
    public static IEnumerable<ObjectKey> ServicesOf(ClusterCaches caches, V1Pod pod) =>
        SelectorIndex.OfLabels(pod.Metadata)
            .SelectMany(entry => caches.Services.ByIndex(SelectorIndex.Name, entry))
            .Where(s => Selects(s, pod))
            .Select(ClusterWriter.KeyOf)
            .Distinct();

    public async ValueTask<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        if (caches.Services.Get(key) is not { } service)
        {
            writes.Forget(key);
            return ReconcileResult.Done;
        }

        if (service.Metadata.DeletionTimestamp is not null || service.Spec.Selector is not { Count: > 0 } || service.Spec.Type == "ExternalName")
        {
            return ReconcileResult.Done;
        }

        var pods = caches.Pods.ByIndex(SelectorIndex.Name, SelectorIndex.Lookup(key.Namespace, service.Spec.Selector)).Where(p => Selects(service, p)).ToList();
        var wanted = EndpointSlicePlanner.Plan(service, pods);
        var existing = caches.Slices.ByIndex(IndexNames.Owner, service.Metadata.Uid)
            .Where(s => s.Metadata.Labels.GetValueOrDefaultSafe(EndpointSlicePlanner.ManagedByLabel) == EndpointSlicePlanner.Manager)
            .ToDictionary(s => s.Metadata.Name, StringComparer.Ordinal);
        foreach (var slice in wanted)
        {
            await ApplyAsync(key, slice, existing.GetValueOrDefault(slice.Metadata.Name), cancellation).ConfigureAwait(false);
            existing.Remove(slice.Metadata.Name);
        }

        foreach (var surplus in existing.Values)
        {
            if (await writer.DeleteAsync(surplus, cancellation).ConfigureAwait(false))
            {
                writes.RecordDelete(key, caches.Slices, new ObjectIdentity(ClusterWriter.KeyOf(surplus), surplus.Metadata.Uid, surplus.Metadata.ResourceVersion));
            }
        }

        return ReconcileResult.Done;
    }

    private static bool Selects(V1Service service, V1Pod pod) =>
        service.Spec.Selector is { Count: > 0 } selector
        && service.Metadata.NamespaceProperty == pod.Metadata.NamespaceProperty
        && LabelMatching.Matches(selector, pod.Metadata.Labels);

    private async Task ApplyAsync(ObjectKey key, V1EndpointSlice slice, V1EndpointSlice? live, CancellationToken cancellation)
    {
        if (live is null)
        {
            if (await writer.CreateOnceAsync(slice, cancellation).ConfigureAwait(false) is { } created)
            {
                writes.Record(key, caches.Slices, created);
            }

            return;
        }

        if (Content(slice) == Content(live))
        {
            return;
        }

        slice.Metadata.ResourceVersion = live.Metadata.ResourceVersion;
        slice.Metadata.Annotations = live.Metadata.Annotations;
        writes.Record(key, caches.Slices, await writer.ReplaceAsync(slice, cancellation).ConfigureAwait(false));
    }

    private static string Content(V1EndpointSlice slice) => KubernetesJson.Serialize(new V1EndpointSlice
    {
        Metadata = new V1ObjectMeta { Labels = slice.Metadata.Labels?.OrderBy(l => l.Key, StringComparer.Ordinal).ToDictionary() },
        AddressType = slice.AddressType,
        Ports = slice.Ports is { Count: > 0 } ? [.. slice.Ports.Select(p => p with { Name = p.Name ?? string.Empty })] : null,
        Endpoints = slice.Endpoints is { Count: > 0 } ? slice.Endpoints : null,
    });
}
