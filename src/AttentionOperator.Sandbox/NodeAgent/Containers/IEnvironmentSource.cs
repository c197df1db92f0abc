using k8s.Models;

namespace AttentionOperator.Sandbox.NodeAgent.Containers;

/// <summary>The objects that environments and volumes are filled from; null where there is none of that name.</summary>
internal interface IEnvironmentSource
{
    Task<V1ConfigMap?> ConfigMapAsync(string @namespace, string name, CancellationToken cancellationToken);

    Task<V1Secret?> SecretAsync(string @namespace, string name, CancellationToken cancellationToken);
}
