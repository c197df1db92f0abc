using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>What each replica claims by dynamic resource allocation.</summary>
public sealed record AcceleratorClaim
{
    /// <summary>DeviceClass that the devices are of, such as gpu.nvidia.com.</summary>
    [RequiredField]
    [Length(253, 1)]
    [Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")]
    public string DeviceClassName { get; init; } = "";

    /// <summary>CEL expressions over the device that all must hold, such as device.capacity["gpu.nvidia.com"].memory.compareTo(quantity("40Gi")) >= 0.</summary>
    [Length(16)]
    [ListSet]
    public IReadOnlyList<string>? Selectors { get; init; }
}
