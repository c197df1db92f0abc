using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Devices in use.</summary>
public sealed record AcceleratorUsage
{
    /// <summary>Extended resource, or the device class of claims.</summary>
    [RequiredField]
    public string Name { get; init; } = "";

    /// <summary>Devices that are held.</summary>
    public int Used { get; init; }

    /// <summary>Devices that the specs ask for.</summary>
    public int Wanted { get; init; }

    /// <summary>The most that may be held; absent: no ceiling.</summary>
    public int? Ceiling { get; init; }
}
