using AttentionOperator.Sandbox.NodeAgent.Containers;
using k8s.Models;

namespace AttentionOperator.Sandbox.NodeAgent.Volumes;

/// <summary>The API objects that volumes are made from.</summary>
internal interface IVolumeSource : IEnvironmentSource
{
    Task<V1PersistentVolumeClaim?> ClaimAsync(string @namespace, string name, CancellationToken cancellationToken);

    Task<V1PersistentVolume?> PersistentVolumeAsync(string name, CancellationToken cancellationToken);

    /// <summary>A token for the pod's service account.</summary>
    Task<string> TokenAsync(V1Pod pod, string? audience, long? expirationSeconds, CancellationToken cancellationToken);
}
