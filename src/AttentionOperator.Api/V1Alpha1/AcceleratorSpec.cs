using System.Text.Json.Serialization;
using AttentionOperator.Api.Schema;
using AttentionOperator.Api.Serialization;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Accelerators of one replica.</summary>
public sealed record AcceleratorSpec
{
    /// <summary>Extended resource that the node offers.</summary>
    [Length(253, 1)]
    [Pattern(@"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$")]
    public string ResourceName { get; init; } = "nvidia.com/gpu";

    /// <summary>Devices of one replica.</summary>
    [Bounds(1, 64)]
    public int Count { get; init; } = 1;

    /// <summary>Product that the node must have, as GPU feature discovery labels it (nvidia.com/gpu.product).</summary>
    [Length(63, 1)]
    [Pattern("^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$")]
    public string? Product { get; init; }

    /// <summary>Least memory of one device, as a quantity.</summary>
    [Planned]
    [Quantity]
    [JsonConverter(typeof(IntOrStringConverter))]
    public string? Memory { get; init; }
}
