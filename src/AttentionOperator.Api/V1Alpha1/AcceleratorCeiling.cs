using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>The most devices of one kind.</summary>
public sealed record AcceleratorCeiling
{
    /// <summary>Extended resource such as nvidia.com/gpu or nvidia.com/mig-1g.10gb, or the device class of claims.</summary>
    [RequiredField]
    [Length(253, 1)]
    public string Name { get; init; } = "";

    /// <summary>Devices.</summary>
    [RequiredField]
    [Bounds(0, 1_000_000)]
    public int Count { get; init; }
}
