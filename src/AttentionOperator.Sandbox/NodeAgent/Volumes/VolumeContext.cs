using k8s.Models;

namespace AttentionOperator.Sandbox.NodeAgent.Volumes;

/// <summary>The pod whose volumes are made, its directory on the host and what its downward API says.</summary>
internal sealed record VolumeContext(
    V1Pod Pod,
    string Directory,
    string PodAddress,
    string HostAddress,
    IReadOnlyDictionary<string, decimal> NodeCapacity);
