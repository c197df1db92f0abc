using System.Globalization;
using System.Text.Json;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Apply;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Observation;
using k8s;
using k8s.Models;

namespace AttentionOperator.Reconciliation;

/// <summary>Carries plans out: applies what differs, deletes what must go, publishes the status where it changed. It decides nothing.</summary>
internal sealed class PlanExecutor(KubeApi api, ServerSideApplier applier, ModelCaches caches, OwnWrites<ObjectKey> ownWrites)
{
    /// <summary>Applies and deletes.</summary>
    /// <returns>False where everything was as it should be, and nothing was sent.</returns>
    /// <exception cref="NameTakenException">An object of a child's name belongs to someone else.</exception>
    /// <exception cref="KubeApiException">The server refused a request.</exception>
    public async Task<bool> ExecuteAsync(KubeObject model, ReconcilePlan plan, CancellationToken cancellation)
    {
        var sent = plan.Delete.Count > 0 || plan.PodCosts.Count > 0;
        foreach (var (pod, cost) in plan.PodCosts)
        {
            await MarkAsync(new ObjectKey(model.Key.Namespace, pod), cost, cancellation);
        }

        foreach (var child in plan.Apply)
        {
            sent |= await ApplyAsync(model, child, cancellation);
        }

        foreach (var child in plan.Delete)
        {
            await DeleteAsync(model, child, cancellation);
        }

        return sent;
    }

    /// <summary>Publishes a status; nothing is sent where it is published already.</summary>
    /// <returns>Whether something was sent.</returns>
    public async Task<bool> PublishAsync(KubeObject model, AttentionModelStatus status, CancellationToken cancellation)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(
            new StatusDocument(ApiNames.ApiVersion, ApiNames.Kind, new StatusMetadata(model.Key.Name, model.Key.Namespace, model.Uid), status),
            KubeJson.Options);
        var request = new ApplyRequest(ResourceKinds.Model, model.Key, json, ConflictPolicy.Force, "status");
        var result = await applier.ApplyAsync(request, model, cancellation);
        Record(model.Key, caches.Models, result);
        return result.Outcome != ApplyOutcome.Unchanged;
    }

    /// <summary>Forgets what was remembered of a model that is gone.</summary>
    public void Forget(ObjectKey model)
    {
        applier.Forget(ResourceKinds.Model, model);
        ownWrites.Forget(model);
    }

    private async Task MarkAsync(ObjectKey pod, int? cost, CancellationToken cancellation)
    {
        var annotations = new Dictionary<string, string?> { [AnnotationNames.PodDeletionCost] = cost?.ToString(CultureInfo.InvariantCulture) };
        try
        {
            await api.MergePatchAsync(ResourceKinds.Pod, pod, JsonSerializer.SerializeToUtf8Bytes(new { metadata = new { annotations } }), null, cancellation);
        }
        catch (KubeApiException e) when (e.IsNotFound)
        {
            // It went by itself.
        }
    }

    private async Task<bool> ApplyAsync(KubeObject model, IKubernetesObject<V1ObjectMeta> child, CancellationToken cancellation)
    {
        var resource = ResourceKinds.Of(child.ApiVersion, child.Kind);
        var key = new ObjectKey(child.Metadata.NamespaceProperty, child.Metadata.Name);
        var cache = caches.Owned(resource);
        var live = cache.Get(key);
        if (live is null && await api.GetAsync(resource, key, cancellation) is { } unseen && unseen.Owners.All(owner => owner.Uid != model.Uid))
        {
            throw new NameTakenException(resource, key);
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(child, child.GetType(), KubeJson.Options);
        var result = await applier.ApplyAsync(new ApplyRequest(resource, key, json), live, cancellation);
        Record(model.Key, cache, result);
        return result.Outcome != ApplyOutcome.Unchanged;
    }

    private async Task DeleteAsync(KubeObject model, ObservedChild child, CancellationToken cancellation)
    {
        if (await api.DeleteAsync(child.Resource, child.Key, new DeletePreconditions(child.Uid), cancellation))
        {
            var cache = caches.Owned(child.Resource);
            if (cache.IdentityOf(child.Key) is { } identity)
            {
                ownWrites.RecordDelete(model.Key, cache, identity);
            }
        }

        applier.Forget(child.Resource, child.Key);
    }

    private void Record(ObjectKey model, IVersionSource cache, ApplyResult result)
    {
        if (result is { Wrote: true, Object: { } written })
        {
            ownWrites.Record(model, cache, written.Identity);
        }
    }

    private sealed record StatusDocument(string ApiVersion, string Kind, StatusMetadata Metadata, AttentionModelStatus Status);

    // The uid keeps a status from reaching a model of the same name that was created meanwhile.
    private sealed record StatusMetadata(string Name, string Namespace, string Uid);
}
