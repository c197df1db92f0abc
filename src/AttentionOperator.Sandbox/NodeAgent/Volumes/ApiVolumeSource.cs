using System.Text.Json;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Sandbox.Controllers;
using k8s.Models;

namespace AttentionOperator.Sandbox.NodeAgent.Volumes;

/// <summary>Reads what volumes and environments need live from the API, so that a pod never starts with an old ConfigMap.</summary>
internal sealed class ApiVolumeSource(ClusterWriter writer) : IVolumeSource
{
    private const long DefaultTokenSeconds = 3607;

    public Task<V1ConfigMap?> ConfigMapAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        GetAsync<V1ConfigMap>(new ObjectKey(@namespace, name), true, cancellationToken);

    public Task<V1Secret?> SecretAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        GetAsync<V1Secret>(new ObjectKey(@namespace, name), true, cancellationToken);

    public Task<V1PersistentVolumeClaim?> ClaimAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        GetAsync<V1PersistentVolumeClaim>(new ObjectKey(@namespace, name), true, cancellationToken);

    public Task<V1PersistentVolume?> PersistentVolumeAsync(string name, CancellationToken cancellationToken) =>
        GetAsync<V1PersistentVolume>(ObjectKey.Cluster(name), false, cancellationToken);

    public async Task<string> TokenAsync(V1Pod pod, string? audience, long? expirationSeconds, CancellationToken cancellationToken)
    {
        var account = pod.Spec.ServiceAccountName is { Length: > 0 } name ? name : "default";
        var request = new
        {
            apiVersion = "authentication.k8s.io/v1",
            kind = "TokenRequest",
            spec = new
            {
                audiences = audience is null ? [] : (string[])[audience],
                expirationSeconds = expirationSeconds ?? DefaultTokenSeconds,
                boundObjectRef = new { kind = "Pod", apiVersion = "v1", name = pod.Metadata.Name, uid = pod.Metadata.Uid },
            },
        };
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(request, PatchJson.Options));
        content.Headers.ContentType = new("application/json");
        var path = ResourceKind.Of<V1ServiceAccount>().ObjectPath(new ObjectKey(pod.Metadata.NamespaceProperty, account), "token");
        using var response = await writer.Connection.SendAsync(HttpMethod.Post, path, content, cancellationToken).ConfigureAwait(false);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            throw new KubeApiException(response.StatusCode, string.Empty, $"no token for service account {pod.Metadata.NamespaceProperty}/{account}: {(int)response.StatusCode}");
        }

        using var document = JsonDocument.Parse(body);
        return document.RootElement.GetProperty("status").GetProperty("token").GetString()!;
    }

    private async Task<T?> GetAsync<T>(ObjectKey key, bool namespaced, CancellationToken cancellationToken)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta> =>
        (await writer.Api.GetAsync(ResourceKind.Of<T>(namespaced), key, cancellationToken).ConfigureAwait(false))?.As<T>();
}
