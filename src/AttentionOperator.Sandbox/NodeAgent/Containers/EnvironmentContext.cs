using k8s.Models;

namespace AttentionOperator.Sandbox.NodeAgent.Containers;

/// <summary>What a container's environment depends on.</summary>
/// <param name="Base">What the image would bring (PATH and the like) and what the node agent adds.</param>
/// <param name="NodeCapacity">Capacity by resource name, in base units.</param>
internal sealed record EnvironmentContext(
    V1Pod Pod,
    V1Container Container,
    IReadOnlyDictionary<string, string> Base,
    MountTable Mounts,
    string PodAddress,
    string HostAddress,
    IReadOnlyDictionary<string, decimal> NodeCapacity);
