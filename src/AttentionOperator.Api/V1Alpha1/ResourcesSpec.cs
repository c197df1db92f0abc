using System.Text.Json.Serialization;
using AttentionOperator.Api.Schema;
using AttentionOperator.Api.Serialization;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Compute resources of one replica.</summary>
public sealed record ResourcesSpec
{
    /// <summary>Accelerators; default: none, the CPU is used.</summary>
    public AcceleratorSpec? Accelerator { get; init; }

    /// <summary>CPU request and limit, as a quantity.</summary>
    [Quantity]
    [JsonConverter(typeof(IntOrStringConverter))]
    public string? Cpu { get; init; }

    /// <summary>Memory request and limit, as a quantity.</summary>
    [Quantity]
    [JsonConverter(typeof(IntOrStringConverter))]
    public string? Memory { get; init; }
}
