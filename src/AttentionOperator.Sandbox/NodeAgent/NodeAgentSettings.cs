using AttentionOperator.Sandbox.NodeAgent.Images;
using AttentionOperator.Sandbox.NodeAgent.Nodes;
using AttentionOperator.Sandbox.NodeAgent.Volumes;

namespace AttentionOperator.Sandbox.NodeAgent;

/// <summary>What the node agent runs pods with.</summary>
/// <param name="Directory">Where pods have their directories and logs.</param>
/// <param name="KubeConfig">Path of the kubeconfig that pods get; null where there is none to give.</param>
/// <param name="FakedPods">Pods become Ready without processes.</param>
internal sealed record NodeAgentSettings(
    IReadOnlyList<NodeSpecification> Nodes,
    string Directory,
    ImageMap Images,
    ClaimDirectories Claims,
    string? KubeConfig,
    bool FakedPods,
    bool EnforceMemoryLimits);
