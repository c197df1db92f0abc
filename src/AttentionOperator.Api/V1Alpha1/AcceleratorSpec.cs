namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Accelerators of one replica.</summary>
public sealed record AcceleratorSpec
{
    /// <summary>Extended resource.</summary>
    public string ResourceName { get; init; } = "nvidia.com/gpu";

    /// <summary>How many.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Product name that the node must have (GPU feature discovery).</summary>
    public string? Product { get; init; }

    /// <summary>Least memory of one device, as a quantity.</summary>
    public string? Memory { get; init; }
}
