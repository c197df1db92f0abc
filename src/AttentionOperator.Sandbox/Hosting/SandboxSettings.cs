using AttentionOperator.Sandbox.NodeAgent.Nodes;

namespace AttentionOperator.Sandbox.Hosting;

/// <summary>What a Sandbox consists of.</summary>
internal sealed record SandboxSettings
{
    /// <summary>Where objects, pod directories and logs are kept; null uses a temporary directory that goes with the Sandbox.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>The API server's port on 127.0.0.1; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Where the kubeconfig is written; null puts it into the data directory.</summary>
    public string? KubeConfig { get; init; }

    public IReadOnlyList<NodeSpecification> Nodes { get; init; } = [NodeSpecification.Default];

    /// <summary>Host directory by <c>claim</c> or <c>namespace/claim</c>.</summary>
    public IReadOnlyDictionary<string, string> Volumes { get; init; } = new Dictionary<string, string>();

    /// <summary>Command line by image name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Images { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Manifest files and directories that are applied at the start.</summary>
    public IReadOnlyList<string> Manifests { get; init; } = [];

    public bool FakedPods { get; init; }

    public bool EnforceMemoryLimits { get; init; }

    public TimeSpan AutoscalerInterval { get; init; } = TimeSpan.FromSeconds(15);
}
