using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Sandbox.Controllers.Discovery;

namespace AttentionOperator.Sandbox.Controllers.Namespaces;

/// <summary>Empties a namespace that is being deleted, then lets it go.</summary>
internal sealed class NamespaceReconciler(ClusterCaches caches, ClusterWriter writer, ApiResources resources) : IReconciler<ObjectKey>
{
    private static readonly ResourceKind NamespaceKind = new(string.Empty, "v1", "namespaces", "Namespace", Namespaced: false);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(500);

    public async ValueTask<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        if (caches.Namespaces.Get(key) is not { } @namespace || @namespace.Metadata.DeletionTimestamp is null)
        {
            return ReconcileResult.Done;
        }

        var (all, complete) = await resources.DiscoverAsync(cancellation).ConfigureAwait(false);
        var left = false;
        foreach (var resource in all.Where(r => r.Namespaced))
        {
            left |= await EmptyAsync(resource, key.Name, cancellation).ConfigureAwait(false);
        }

        if (left || !complete)
        {
            return ReconcileResult.Waiting(LookAgain, "ContentRemains");
        }

        await FinalizeAsync(key, cancellation).ConfigureAwait(false);
        return ReconcileResult.Done;
    }

    // True while objects remain.
    private async Task<bool> EmptyAsync(ResourceKind resource, string @namespace, CancellationToken cancellation)
    {
        var collection = resource.CollectionPath(@namespace);
        using var list = await SendAsync(HttpMethod.Get, $"{collection}?limit=1", cancellation).ConfigureAwait(false);
        using var document = JsonDocument.Parse(await list.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false));
        if (!document.RootElement.TryGetProperty("items", out var items) || items.ValueKind != JsonValueKind.Array || items.GetArrayLength() == 0)
        {
            return false;
        }

        using var deleted = await SendAsync(HttpMethod.Delete, $"{collection}?propagationPolicy=Background", cancellation).ConfigureAwait(false);
        return true;
    }

    private async Task FinalizeAsync(ObjectKey key, CancellationToken cancellation)
    {
        if (await writer.Api.GetAsync(NamespaceKind, key, cancellation).ConfigureAwait(false) is not { } live)
        {
            return;
        }

        var document = JsonNode.Parse(live.Json.Span)!.AsObject();
        var finalizers = (document["spec"]?["finalizers"] as JsonArray ?? []).Select(f => f!.GetValue<string>()).Where(f => f != "kubernetes");
        document["spec"] = new JsonObject { ["finalizers"] = new JsonArray([.. finalizers.Select(f => (JsonNode)JsonValue.Create(f)!)]) };
        await writer.Api.ReplaceAsync(NamespaceKind, key, JsonSerializer.SerializeToUtf8Bytes(document), "finalize", cancellation).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, CancellationToken cancellation)
    {
        var response = await writer.Connection.SendAsync(method, path, null, cancellation).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw new KubeApiException(response.StatusCode, string.Empty, $"{method} {path} answered {(int)response.StatusCode}");
        }
    }
}
