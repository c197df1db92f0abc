using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Use of one namespace against the ceilings.</summary>
public sealed record PolicyUsage
{
    /// <summary>Namespace.</summary>
    [RequiredField]
    public string Namespace { get; init; } = "";

    /// <summary>AttentionModels.</summary>
    public int? Models { get; init; }

    /// <summary>Devices by name.</summary>
    [ListMap("name")]
    public IReadOnlyList<AcceleratorUsage>? Accelerators { get; init; }

    /// <summary>Cost per hour of what runs.</summary>
    public string? CostPerHour { get; init; }

    /// <summary>Ceiling of the cost per hour.</summary>
    public string? CostCeiling { get; init; }

    /// <summary>Names of the models that are kept from what their spec says; at most 20.</summary>
    [ListSet]
    public IReadOnlyList<string>? Limited { get; init; }
}
