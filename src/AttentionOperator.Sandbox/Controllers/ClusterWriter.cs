using System.Net;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;
using k8s;
using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers;

/// <summary>The writes of controllers, typed on the way in; what the server answered comes back as its identity.</summary>
internal sealed class ClusterWriter(KubeConnection connection, string fieldManager)
{
    private readonly KubeApi _api = new(connection, fieldManager);

    public KubeApi Api => _api;

    public KubeConnection Connection => connection;

    public async Task<ObjectIdentity> CreateAsync<T>(T value, CancellationToken cancellationToken)
        where T : IKubernetesObject<V1ObjectMeta> =>
        (await _api.CreateAsync(Kind(value), value.Metadata.NamespaceProperty ?? string.Empty, KubeJson.Serialize(Typed(value)), cancellationToken).ConfigureAwait(false)).Identity;

    /// <summary>Creates the object; null where one of that name exists.</summary>
    public async Task<ObjectIdentity?> CreateOnceAsync<T>(T value, CancellationToken cancellationToken)
        where T : IKubernetesObject<V1ObjectMeta> =>
        (await _api.CreateOnceAsync(Kind(value), value.Metadata.NamespaceProperty ?? string.Empty, KubeJson.Serialize(Typed(value)), cancellationToken).ConfigureAwait(false))?.Identity;

    public async Task<ObjectIdentity> ReplaceAsync<T>(T value, CancellationToken cancellationToken)
        where T : IKubernetesObject<V1ObjectMeta> =>
        (await _api.ReplaceAsync(Kind(value), KeyOf(value), KubeJson.Serialize(Typed(value)), null, cancellationToken).ConfigureAwait(false)).Identity;

    /// <summary>A merge patch; null where the object is gone.</summary>
    public async Task<ObjectIdentity?> PatchAsync<T>(T target, object patch, string? subresource, CancellationToken cancellationToken)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            var json = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(patch, PatchJson.Options);
            return (await _api.MergePatchAsync(Kind(target), KeyOf(target), json, subresource, cancellationToken).ConfigureAwait(false)).Identity;
        }
        catch (KubeApiException exception) when (exception.IsNotFound)
        {
            return null;
        }
    }

    public Task<ObjectIdentity?> PatchStatusAsync<T>(T target, object status, CancellationToken cancellationToken)
        where T : IKubernetesObject<V1ObjectMeta> =>
        PatchAsync(target, new { status }, "status", cancellationToken);

    public Task<bool> DeleteAsync<T>(T target, CancellationToken cancellationToken)
        where T : IKubernetesObject<V1ObjectMeta> =>
        _api.DeleteAsync(Kind(target), KeyOf(target), new DeletePreconditions(target.Metadata.Uid), cancellationToken);

    /// <summary>Removes a pod without a grace period, if it still is this one.</summary>
    public async Task RemovePodAsync(V1Pod pod, CancellationToken cancellationToken)
    {
        var options = new V1DeleteOptions { GracePeriodSeconds = 0, Preconditions = new V1Preconditions { Uid = pod.Metadata.Uid } };
        try
        {
            await connection.Client.CoreV1.DeleteNamespacedPodAsync(pod.Metadata.Name, pod.Metadata.NamespaceProperty, options, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (k8s.Autorest.HttpOperationException exception) when (exception.Response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            // Gone, or another pod of that name by now.
        }
    }

    public static ObjectKey KeyOf<T>(T value)
        where T : IKubernetesObject<V1ObjectMeta> =>
        new(value.Metadata.NamespaceProperty ?? string.Empty, value.Metadata.Name);

    private static ResourceKind Kind<T>(T value)
        where T : IKubernetesObject<V1ObjectMeta> =>
        ResourceKind.Of<T>(value is not (V1Node or V1Namespace or V1PersistentVolume or V1PriorityClass));

    private static T Typed<T>(T value)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var kind = Kind(value);
        value.ApiVersion = kind.ApiVersion;
        value.Kind = kind.Kind;
        return value;
    }
}
