namespace AttentionOperator.Api.V1Alpha1;

/// <summary>The runtime's container.</summary>
public sealed record RuntimeSpec
{
    /// <summary>Container image; default: the one that the operator was installed with.</summary>
    public string? Image { get; init; }

    /// <summary>Always, IfNotPresent or Never.</summary>
    public string? ImagePullPolicy { get; init; }

    /// <summary>Names of Secrets with registry credentials.</summary>
    public IReadOnlyList<string>? ImagePullSecrets { get; init; }

    /// <summary>Extra environment of the container.</summary>
    public IReadOnlyDictionary<string, string>? Env { get; init; }
}
