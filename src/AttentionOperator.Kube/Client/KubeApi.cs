using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Kube.Client;

/// <summary>The verbs on objects of any kind, as UTF-8 JSON in and <see cref="KubeObject"/> out. Every error answer is a <see cref="KubeApiException"/>.</summary>
public sealed class KubeApi(KubeConnection connection, string? fieldManager = null)
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly MediaTypeHeaderValue ApplyPatch = new("application/apply-patch+yaml");
    private static readonly MediaTypeHeaderValue MergePatch = new("application/merge-patch+json");

    public KubeConnection Connection => connection;

    /// <summary>The object, or null where there is none.</summary>
    public async Task<KubeObject?> GetAsync(ResourceKind resource, ObjectKey key, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(resource);
        using HttpResponseMessage response = await connection.SendAsync(HttpMethod.Get, resource.ObjectPath(key), null, cancellation).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null; // The usual answer before a create: not worth an exception.
        }

        byte[] body = await ReadAsync(response, $"get {resource.FullName} {key}", cancellation).ConfigureAwait(false);
        return new KubeObjectCodec(resource, fieldManager).Decode(body);
    }

    public Task<KubeObject> CreateAsync(ResourceKind resource, string ns, ReadOnlyMemory<byte> json, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return ObjectAsync(HttpMethod.Post, resource, WithManager(resource.CollectionPath(ns)), Content(json, Json), $"create {resource.FullName} in '{ns}'", cancellation);
    }

    /// <summary>Creates the object unless one of that name exists already; then returns null and changes nothing.</summary>
    public async Task<KubeObject?> CreateOnceAsync(ResourceKind resource, string ns, ReadOnlyMemory<byte> json, CancellationToken cancellation)
    {
        try
        {
            return await CreateAsync(resource, ns, json, cancellation).ConfigureAwait(false);
        }
        catch (KubeApiException e) when (e.IsConflict && e.Reason is "AlreadyExists" or "")
        {
            return null;
        }
    }

    public Task<KubeObject> ReplaceAsync(ResourceKind resource, ObjectKey key, ReadOnlyMemory<byte> json, string? subresource, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return ObjectAsync(HttpMethod.Put, resource, WithManager(resource.ObjectPath(key, subresource)), Content(json, Json), $"replace {resource.FullName} {key}", cancellation);
    }

    public Task<KubeObject> MergePatchAsync(ResourceKind resource, ObjectKey key, ReadOnlyMemory<byte> patch, string? subresource, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return ObjectAsync(HttpMethod.Patch, resource, WithManager(resource.ObjectPath(key, subresource)), Content(patch, MergePatch), $"patch {resource.FullName} {key}", cancellation);
    }

    /// <summary>Server-side apply, raw; <see cref="Apply.ServerSideApplier"/> adds no-op detection and the treatment of conflicts.</summary>
    public Task<KubeObject> ApplyAsync(ResourceKind resource, ObjectKey key, ReadOnlyMemory<byte> json, string manager, bool force, string? subresource, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(resource);
        string path = $"{resource.ObjectPath(key, subresource)}?fieldManager={Uri.EscapeDataString(manager)}&force={(force ? "true" : "false")}";
        return ObjectAsync(HttpMethod.Patch, resource, path, Content(json, ApplyPatch), $"apply {resource.FullName} {key}", cancellation);
    }

    /// <summary>Deletes the object if it still is the one that <paramref name="preconditions"/> names. False where it is already gone or is another one.</summary>
    public async Task<bool> DeleteAsync(ResourceKind resource, ObjectKey key, DeletePreconditions? preconditions, CancellationToken cancellation, string propagation = "Background")
    {
        ArgumentNullException.ThrowIfNull(resource);
        var body = new DeleteBody("v1", "DeleteOptions", propagation, preconditions);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(body, KubeJson.Options);
        using HttpResponseMessage response = await connection.SendAsync(HttpMethod.Delete, resource.ObjectPath(key), Content(json, Json), cancellation).ConfigureAwait(false);
        if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            return false;
        }

        await ReadAsync(response, $"delete {resource.FullName} {key}", cancellation).ConfigureAwait(false);
        return true;
    }

    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, string what, CancellationToken cancellation)
    {
        byte[] body = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
        return response.IsSuccessStatusCode ? body : throw KubeApiException.From(response.StatusCode, body, what);
    }

    private static ByteArrayContent Content(ReadOnlyMemory<byte> json, MediaTypeHeaderValue type)
    {
        var content = new ByteArrayContent(json.ToArray());
        content.Headers.ContentType = type;
        return content;
    }

    private string WithManager(string path) => fieldManager is null ? path : $"{path}?fieldManager={Uri.EscapeDataString(fieldManager)}";

    private async Task<KubeObject> ObjectAsync(HttpMethod method, ResourceKind resource, string path, HttpContent? content, string what, CancellationToken cancellation)
    {
        using (content)
        {
            using HttpResponseMessage response = await connection.SendAsync(method, path, content, cancellation).ConfigureAwait(false);
            byte[] body = await ReadAsync(response, what, cancellation).ConfigureAwait(false);
            return new KubeObjectCodec(resource, fieldManager).Decode(body);
        }
    }

    private sealed record DeleteBody(string ApiVersion, string Kind, string PropagationPolicy, DeletePreconditions? Preconditions);
}
