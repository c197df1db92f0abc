using AttentionOperator.Api.Schema;
using k8s.Models;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>The runtime's container.</summary>
public sealed record RuntimeSpec
{
    /// <summary>Container image; default: the one that the operator was installed with when the revision was created.</summary>
    [Length(512, 1)]
    public string? Image { get; init; }

    /// <summary>When the image is pulled; default: Kubernetes' own.</summary>
    public ImagePullPolicy? ImagePullPolicy { get; init; }

    /// <summary>Secrets with registry credentials, in the same namespace.</summary>
    [Length(16)]
    [ListMap("name")]
    public IReadOnlyList<V1LocalObjectReference>? ImagePullSecrets { get; init; }

    /// <summary>Extra environment of the container.</summary>
    [Length(128)]
    [ListMap("name")]
    public IReadOnlyList<EnvironmentVariable>? Env { get; init; }

    /// <summary>How long running requests may take to finish when a replica is stopped, as a duration.</summary>
    [Duration]
    public string DrainTimeout { get; init; } = "30s";

    /// <summary>How long a replica may take to load and warm up before it is restarted, as a duration.</summary>
    [Duration]
    public string StartupTimeout { get; init; } = "10m";
}
