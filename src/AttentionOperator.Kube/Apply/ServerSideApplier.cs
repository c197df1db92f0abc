using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Metrics;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Kube.Apply;

/// <summary>Server-side apply under one field manager: sends only what would change something, and never takes a field that the request leaves to others.</summary>
public sealed class ServerSideApplier(KubeApi api, string fieldManager, KubeMetrics? metrics = null)
{
    private readonly AppliedMemory memory = new();

    public string FieldManager => fieldManager;

    /// <summary>Applies the request unless the cached live object shows that nothing would change.</summary>
    /// <param name="request">What to apply.</param>
    /// <param name="live">The object as the cache has it; null where it has none.</param>
    /// <param name="cancellation">Cancels the request.</param>
    /// <exception cref="KubeApiException">The server refused for another reason than a conflict.</exception>
    public async Task<ApplyResult> ApplyAsync(ApplyRequest request, KubeObject? live, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        var target = new AppliedMemory.Target(request.Resource, request.Key, request.Subresource);
        UInt128 hash = AppliedMemory.Hash(request.Json.Span);
        if (live is null)
        {
            memory.Forget(target);
        }
        else if (memory.IsSettled(target, hash, live.Identity))
        {
            return Count(request, new ApplyResult(ApplyOutcome.Unchanged, live, []));
        }

        IReadOnlyList<string> yielded = live is null ? [] : memory.Yielded(target, hash);
        ReadOnlyMemory<byte> json = Without(request.Json, yielded);
        if (live is not null && IsNoOp(json, live, request.Subresource))
        {
            memory.Settle(target, hash, live.Identity, yielded);
            return Count(request, new ApplyResult(ApplyOutcome.Unchanged, live, []));
        }

        ApplyResult result = await SendAsync(request, json, cancellation).ConfigureAwait(false);
        if (result.Object is { } applied)
        {
            memory.Settle(target, hash, applied.Identity, [.. yielded, .. result.Conflicts.Select(static c => c.Field)]);
            result = result with { Wrote = live is null || !live.Identity.IsSameVersionAs(applied.Identity) };
        }

        return Count(request, result);
    }

    /// <summary>Forgets objects of an informer when they are deleted, so that memory follows the cluster and not its history.</summary>
    public IDisposable Follow<T>(SharedInformer<T> informer)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(informer);
        return informer.AddHandler(change =>
        {
            if (change.Kind == InformerEventKind.Deleted)
            {
                Forget(informer.Resource, change.Key);
            }
        });
    }

    /// <summary>Objects that are remembered.</summary>
    public int Remembered => memory.Count;

    /// <summary>Drops what is remembered about an object that is gone.</summary>
    public void Forget(ResourceKind resource, ObjectKey key)
    {
        memory.Forget(new AppliedMemory.Target(resource, key, null));
        memory.Forget(new AppliedMemory.Target(resource, key, "status"));
    }

    private static ReadOnlyMemory<byte> Without(ReadOnlyMemory<byte> json, IReadOnlyList<string> fields)
    {
        if (fields.Count == 0)
        {
            return json;
        }

        JsonNode root = JsonNode.Parse(json.Span)!;
        foreach (string field in fields)
        {
            FieldPath.Remove(root, field);
        }

        return JsonSerializer.SerializeToUtf8Bytes(root);
    }

    private bool IsNoOp(ReadOnlyMemory<byte> json, KubeObject live, string? subresource)
    {
        using JsonDocument desired = JsonDocument.Parse(json);
        return ApplyDiff.IsNoOp(desired.RootElement, live, fieldManager, subresource);
    }

    private async Task<ApplyResult> SendAsync(ApplyRequest request, ReadOnlyMemory<byte> json, CancellationToken cancellation)
    {
        bool force = request.Conflicts == ConflictPolicy.Force;
        try
        {
            KubeObject applied = await api.ApplyAsync(request.Resource, request.Key, json, fieldManager, force, request.Subresource, cancellation).ConfigureAwait(false);
            return new ApplyResult(ApplyOutcome.Applied, applied, []);
        }
        catch (KubeApiException e) when (IsOwnershipConflict(e))
        {
            return request.Conflicts == ConflictPolicy.Yield
                ? await YieldAsync(request, json, e.Causes, cancellation).ConfigureAwait(false)
                : new ApplyResult(ApplyOutcome.Conflict, null, e.Causes);
        }
    }

    private async Task<ApplyResult> YieldAsync(ApplyRequest request, ReadOnlyMemory<byte> json, IReadOnlyList<StatusCause> causes, CancellationToken cancellation)
    {
        JsonNode root = JsonNode.Parse(json.Span)!;
        if (!causes.Aggregate(true, (all, cause) => FieldPath.Remove(root, cause.Field) && all))
        {
            return new ApplyResult(ApplyOutcome.Conflict, null, causes);
        }

        try
        {
            byte[] rest = JsonSerializer.SerializeToUtf8Bytes(root);
            KubeObject applied = await api.ApplyAsync(request.Resource, request.Key, rest, fieldManager, false, request.Subresource, cancellation).ConfigureAwait(false);
            return new ApplyResult(ApplyOutcome.Yielded, applied, causes);
        }
        catch (KubeApiException e) when (IsOwnershipConflict(e))
        {
            // Owners changed between the two requests; the next reconcile sees the new ones.
            return new ApplyResult(ApplyOutcome.Conflict, null, e.Causes);
        }
    }

    // A conflict without such causes is one of versions, which the next reconcile resolves by itself.
    private static bool IsOwnershipConflict(KubeApiException e) =>
        e.IsConflict && e.Causes.Count > 0 && e.Causes.All(static c => c.Reason == "FieldManagerConflict");

    private ApplyResult Count(ApplyRequest request, ApplyResult result)
    {
        metrics?.Applied(request.Resource.FullName, result.Outcome switch
        {
            ApplyOutcome.Unchanged => "unchanged",
            ApplyOutcome.Applied => "applied",
            ApplyOutcome.Yielded => "yielded",
            _ => "conflict",
        });
        return result;
    }
}
