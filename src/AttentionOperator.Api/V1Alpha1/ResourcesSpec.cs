namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Compute resources of one replica.</summary>
public sealed record ResourcesSpec
{
    /// <summary>Accelerators; default: none, the CPU is used.</summary>
    public AcceleratorSpec? Accelerator { get; init; }

    /// <summary>CPU request and limit, as a quantity.</summary>
    public string? Cpu { get; init; }

    /// <summary>Memory request and limit, as a quantity.</summary>
    public string? Memory { get; init; }
}
