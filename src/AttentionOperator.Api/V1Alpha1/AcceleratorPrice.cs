using System.Text.Json.Serialization;
using AttentionOperator.Api.Schema;
using AttentionOperator.Api.Serialization;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Price of one device.</summary>
public sealed record AcceleratorPrice
{
    /// <summary>Extended resource, or the device class of claims.</summary>
    [RequiredField]
    [Length(253, 1)]
    public string Name { get; init; } = "";

    /// <summary>Product that the price is of (resources.accelerator.product); default: any. A price with a product goes before one without.</summary>
    [Length(63, 1)]
    public string? Product { get; init; }

    /// <summary>Price per hour.</summary>
    [RequiredField]
    [Decimal]
    [JsonConverter(typeof(IntOrStringConverter))]
    public string PerHour { get; init; } = "";
}
