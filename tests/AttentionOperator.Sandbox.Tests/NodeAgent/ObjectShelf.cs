using System.Collections.Concurrent;
using AttentionOperator.Sandbox.NodeAgent.Volumes;
using k8s.Models;

namespace AttentionOperator.Sandbox.Tests.NodeAgent;

/// <summary>Objects that volumes and environments refer to.</summary>
internal sealed class ObjectShelf : IVolumeSource
{
    public ConcurrentDictionary<string, V1ConfigMap> ConfigMaps { get; } = new();

    public ConcurrentDictionary<string, V1Secret> Secrets { get; } = new();

    public Task<V1ConfigMap?> ConfigMapAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        Task.FromResult(ConfigMaps.GetValueOrDefault(name));

    public Task<V1Secret?> SecretAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        Task.FromResult(Secrets.GetValueOrDefault(name));

    public Task<V1PersistentVolumeClaim?> ClaimAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        Task.FromResult<V1PersistentVolumeClaim?>(null);

    public Task<V1PersistentVolume?> PersistentVolumeAsync(string name, CancellationToken cancellationToken) =>
        Task.FromResult<V1PersistentVolume?>(null);

    public Task<string> TokenAsync(V1Pod pod, string? audience, long? expirationSeconds, CancellationToken cancellationToken) =>
        Task.FromResult($"token-of-{pod.Spec.ServiceAccountName}");
}
