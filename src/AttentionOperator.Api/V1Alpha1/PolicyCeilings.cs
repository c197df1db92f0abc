using System.Text.Json.Serialization;
using AttentionOperator.Api.Schema;
using AttentionOperator.Api.Serialization;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>The most that all models of a namespace may use together, rollouts' surges included.</summary>
public sealed record PolicyCeilings
{
    /// <summary>Accelerators by name.</summary>
    [Length(32)]
    [ListMap("name")]
    public IReadOnlyList<AcceleratorCeiling>? Accelerators { get; init; }

    /// <summary>Cost per hour, in the currency of the prices.</summary>
    [Decimal]
    [JsonConverter(typeof(IntOrStringConverter))]
    public string? CostPerHour { get; init; }
}
