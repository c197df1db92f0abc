using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>One environment variable of the runtime's container.</summary>
public sealed record EnvironmentVariable
{
    /// <summary>Name of the variable. POD_IP, POD_NAME and POD_NAMESPACE are set by the operator.</summary>
    [RequiredField]
    [Length(256, 1)]
    [Pattern("^[A-Za-z_][A-Za-z0-9_]*$")]
    public string Name { get; init; } = "";

    /// <summary>Value of the variable.</summary>
    [Length(4096)]
    public string? Value { get; init; }
}
