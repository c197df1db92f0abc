using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Kube.Queues;
using AttentionOperator.Sandbox.Controllers.Discovery;
using Microsoft.Extensions.Logging;

namespace AttentionOperator.Sandbox.Controllers.GarbageCollection;

/// <summary>
/// Removes objects whose owners are gone, and finishes deletions in the foreground and with orphans. Everything is decided on a live read: the caches
/// only say where to look.
/// </summary>
internal sealed class GarbageCollector : IReconciler<CollectorKey>, IDisposable
{
    private const string ForegroundFinalizer = "foregroundDeletion";
    private const string OrphanFinalizer = "orphan";
    private static readonly TimeSpan DiscoveryInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SyncRetry = TimeSpan.FromMilliseconds(200);
    private readonly KubeApi _api;
    private readonly ApiResources _resources;
    private readonly ObjectGraph _graph;
    private readonly Controller<CollectorKey> _controller;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _rediscover = new(0);

    public GarbageCollector(KubeConnection connection, ILoggerFactory loggers, TimeProvider time)
    {
        _api = new KubeApi(connection, "garbage-collector");
        _time = time;
        _resources = new ApiResources(connection, loggers.CreateLogger<ApiResources>());
        _graph = new ObjectGraph(new InformerFactory(connection, loggers, metrics: null, time), Changed);
        var queue = new WorkQueueOptions();
        _controller = new Controller<CollectorKey>(
            this, new ControllerOptions { Name = "garbage-collector", Workers = 8, Queue = queue }, loggers.CreateLogger<Controller<CollectorKey>>(), time: time);
    }

    /// <summary>Looks for new kinds now instead of at the next interval.</summary>
    public void Rediscover() => _rediscover.Release();

    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(_controller.RunAsync(cancellationToken), FollowKindsAsync(cancellationToken));

    public async ValueTask<ReconcileResult> ReconcileAsync(CollectorKey key, CancellationToken cancellation)
    {
        if (!_graph.HasSynced)
        {
            return ReconcileResult.Waiting(SyncRetry, "CachesNotSynced");
        }

        if (await _api.GetAsync(key.Resource, key.Key, cancellation).ConfigureAwait(false) is not { } live)
        {
            return ReconcileResult.Done;
        }

        var document = JsonNode.Parse(live.Json.Span)!.AsObject();
        var finalizers = (document["metadata"]?["finalizers"] as JsonArray ?? []).Select(f => f!.GetValue<string>()).ToList();
        if (live.IsDeleting)
        {
            return await FinishDeletionAsync(key, live, finalizers, cancellation).ConfigureAwait(false);
        }

        return await CollectAsync(key, live, document, cancellation).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _controller.Dispose();
        _graph.Dispose();
        _rediscover.Dispose();
    }

    private async Task FollowKindsAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                try
                {
                    var (resources, complete) = await _resources.DiscoverAsync(cancellationToken).ConfigureAwait(false);
                    _graph.Follow(resources, complete, cancellationToken);
                }
                catch (Exception exception) when (exception is KubeApiException or HttpRequestException)
                {
                    // The next round tries again.
                }

                await _rediscover.WaitAsync(DiscoveryInterval, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The Sandbox stops.
        }
    }

    private void Changed(InformerEvent<KubeObject> change, ResourceKind resource)
    {
        var value = change.Object;
        if (change.Kind == InformerEventKind.Deleted)
        {
            foreach (var dependent in _graph.Dependents(value.Uid))
            {
                _controller.Queue.Add(new CollectorKey(dependent.Resource, dependent.Key));
            }

            // An owner that waits in the foreground may have lost its last dependent.
            foreach (var owner in value.Owners)
            {
                EnqueueOwner(owner, value.Key.Namespace);
            }
        }
        else if (value.IsDeleting || value.Owners.Any(owner => !_graph.IsHeldBy(owner, value.Key.Namespace)))
        {
            _controller.Queue.Add(new CollectorKey(resource, change.Key), change.Priority);
        }

        if (resource.Kind == "CustomResourceDefinition" && !change.IsInitial)
        {
            Rediscover();
        }
    }

    private void EnqueueOwner(ObjectOwner owner, string @namespace)
    {
        foreach (var candidate in _graph.ResourcesOfKind(owner.Kind))
        {
            var key = candidate.Namespaced ? new ObjectKey(@namespace, owner.Name) : ObjectKey.Cluster(owner.Name);
            if (_graph.Get(candidate, key) is { IsDeleting: true })
            {
                _controller.Queue.Add(new CollectorKey(candidate, key));
            }
        }
    }

    private async Task<ReconcileResult> CollectAsync(CollectorKey key, KubeObject live, JsonObject document, CancellationToken cancellation)
    {
        var references = (document["metadata"]?["ownerReferences"] as JsonArray ?? []).Select(r => r!.AsObject()).ToList();
        var states = new List<(JsonObject Reference, OwnerState State)>();
        foreach (var reference in references)
        {
            if (await StateAsync(reference, key.Key.Namespace, cancellation).ConfigureAwait(false) is not { } state)
            {
                // The owner's kind is unknown: nothing is deleted on a guess. It may become known.
                return ReconcileResult.Waiting(DiscoveryInterval, "OwnerKindUnknown");
            }

            states.Add((reference, state));
        }

        var action = CollectionRule.Decide([.. states.Select(s => s.State)], _graph.Dependents(live.Uid).Any());
        switch (action)
        {
            case CollectionAction.Detach:
                var kept = states.Where(s => s.State == OwnerState.Present).Select(s => s.Reference.DeepClone()).ToArray();
                await PatchMetadataAsync(key, live, "ownerReferences", new JsonArray(kept), cancellation).ConfigureAwait(false);
                break;
            case CollectionAction.Delete or CollectionAction.DeleteForeground:
                var propagation = action == CollectionAction.Delete ? "Background" : "Foreground";
                await _api.DeleteAsync(key.Resource, key.Key, new DeletePreconditions(live.Uid, live.ResourceVersion), cancellation, propagation).ConfigureAwait(false);
                break;
        }

        return ReconcileResult.Done;
    }

    private async Task<OwnerState?> StateAsync(JsonObject reference, string @namespace, CancellationToken cancellation)
    {
        if (_graph.Resource(reference["apiVersion"]!.GetValue<string>(), reference["kind"]!.GetValue<string>()) is not { } resource)
        {
            return null;
        }

        var name = reference["name"]!.GetValue<string>();
        var key = resource.Namespaced ? new ObjectKey(@namespace, name) : ObjectKey.Cluster(name);
        if (resource.Namespaced && @namespace.Length == 0)
        {
            return OwnerState.Absent;
        }

        // The cache is enough to see that an owner is there; that it is not is confirmed by a live read.
        var uid = reference["uid"]!.GetValue<string>();
        var owner = _graph.Get(resource, key) is { IsDeleting: false } cached && cached.Uid == uid
            ? cached
            : await _api.GetAsync(resource, key, cancellation).ConfigureAwait(false);
        if (owner is null || owner.Uid != uid)
        {
            return OwnerState.Absent;
        }

        return owner.IsDeleting && reference["blockOwnerDeletion"]?.GetValue<bool>() == true && HasFinalizer(owner, ForegroundFinalizer)
            ? OwnerState.WaitingForDependents
            : OwnerState.Present;
    }

    private async Task<ReconcileResult> FinishDeletionAsync(CollectorKey key, KubeObject live, List<string> finalizers, CancellationToken cancellation)
    {
        if (finalizers.Contains(OrphanFinalizer))
        {
            foreach (var dependent in _graph.Dependents(live.Uid).ToList())
            {
                await OrphanAsync(new CollectorKey(dependent.Resource, dependent.Key), live.Uid, cancellation).ConfigureAwait(false);
            }

            await RemoveFinalizerAsync(key, live, finalizers, OrphanFinalizer, cancellation).ConfigureAwait(false);
        }
        else if (finalizers.Contains(ForegroundFinalizer))
        {
            var blocking = 0;
            foreach (var dependent in _graph.Dependents(live.Uid).ToList())
            {
                var target = new CollectorKey(dependent.Resource, dependent.Key);
                blocking += await BlocksAsync(target, live.Uid, cancellation).ConfigureAwait(false) ? 1 : 0;
                _controller.Queue.Add(target);
            }

            if (blocking > 0)
            {
                return ReconcileResult.Waiting(TimeSpan.FromSeconds(5), "DependentsRemain");
            }

            await RemoveFinalizerAsync(key, live, finalizers, ForegroundFinalizer, cancellation).ConfigureAwait(false);
        }

        return ReconcileResult.Done;
    }

    private async Task<bool> BlocksAsync(CollectorKey dependent, string owner, CancellationToken cancellation) =>
        await _api.GetAsync(dependent.Resource, dependent.Key, cancellation).ConfigureAwait(false) is { } live
        && (JsonNode.Parse(live.Json.Span)!["metadata"]?["ownerReferences"] as JsonArray ?? [])
            .Any(r => r!["uid"]?.GetValue<string>() == owner && r["blockOwnerDeletion"]?.GetValue<bool>() == true);

    private async Task OrphanAsync(CollectorKey dependent, string owner, CancellationToken cancellation)
    {
        if (await _api.GetAsync(dependent.Resource, dependent.Key, cancellation).ConfigureAwait(false) is not { } live)
        {
            return;
        }

        var references = JsonNode.Parse(live.Json.Span)!["metadata"]?["ownerReferences"] as JsonArray ?? [];
        var kept = references.Where(r => r!["uid"]?.GetValue<string>() != owner).Select(r => r!.DeepClone()).ToArray();
        if (kept.Length != references.Count)
        {
            await PatchMetadataAsync(dependent, live, "ownerReferences", new JsonArray(kept), cancellation).ConfigureAwait(false);
        }
    }

    private Task RemoveFinalizerAsync(CollectorKey key, KubeObject live, List<string> finalizers, string finalizer, CancellationToken cancellation)
    {
        var kept = finalizers.Where(f => f != finalizer).Select(f => (JsonNode)JsonValue.Create(f)!).ToArray();
        return PatchMetadataAsync(key, live, "finalizers", new JsonArray(kept), cancellation);
    }

    private async Task PatchMetadataAsync(CollectorKey key, KubeObject live, string field, JsonArray value, CancellationToken cancellation)
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["uid"] = live.Uid, ["resourceVersion"] = live.ResourceVersion, [field] = value },
        };
        try
        {
            await _api.MergePatchAsync(key.Resource, key.Key, JsonSerializer.SerializeToUtf8Bytes(patch), null, cancellation).ConfigureAwait(false);
        }
        catch (KubeApiException exception) when (exception.IsNotFound)
        {
            // Gone by itself.
        }
    }

    private static bool HasFinalizer(KubeObject value, string finalizer)
    {
        if (value.Json.Length == 0)
        {
            return false;
        }

        var finalizers = JsonNode.Parse(value.Json.Span)!["metadata"]?["finalizers"] as JsonArray ?? [];
        return finalizers.Any(f => f!.GetValue<string>() == finalizer);
    }
}
