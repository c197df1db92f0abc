namespace AttentionOperator.Sandbox.NodeAgent.Pods;

/// <summary>The node as its pods see it.</summary>
/// <param name="Directory">Where pods have their directories.</param>
/// <param name="Address">The node's address, <c>status.hostIP</c> of its pods.</param>
/// <param name="Capacity">Capacity by resource name, in base units.</param>
/// <param name="BaseEnvironment">Variables that an image would bring, such as PATH.</param>
/// <param name="EnforceMemoryLimits">Whether a container above its memory limit is killed.</param>
internal sealed record NodeSettings(
    string Name,
    string Directory,
    string Address,
    IReadOnlyDictionary<string, decimal> Capacity,
    IReadOnlyDictionary<string, string> BaseEnvironment,
    bool EnforceMemoryLimits);
