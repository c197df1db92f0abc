using System.Text.Json.Serialization;
using AttentionOperator.Api.Schema;
using AttentionOperator.Api.Serialization;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Accelerators of one replica.</summary>
[CelRule(
    "!has(self.migProfile) || self.resourceName == 'nvidia.com/gpu'",
    "resources.accelerator.migProfile must not be combined with another resourceName, because it names the resource itself; remove one of them")]
[CelRule(
    "!has(self.claim) || (self.resourceName == 'nvidia.com/gpu' && !has(self.migProfile) && !has(self.sharing) && !has(self.product) && !has(self.memory))",
    "resources.accelerator.claim must not be combined with resourceName, migProfile, sharing, product or memory, because its device class and selectors say what is allocated")]
[CelRule(
    "!has(self.sharing) || self.sharing == 'Exclusive' || self.count == 1",
    "resources.accelerator.count must be 1 on a shared device, because more shares of it give no more memory or time")]
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

    /// <summary>
    /// Least memory of one device, as a quantity: what GPU feature discovery labels in MiB (nvidia.com/gpu.memory) must be at least that. An 80 GB H100 has
    /// 81559 MiB, which is 79.6Gi.
    /// </summary>
    [Quantity]
    [JsonConverter(typeof(IntOrStringConverter))]
    public string? Memory { get; init; }

    /// <summary>MIG profile such as 1g.10gb: asks for the resource nvidia.com/mig-1g.10gb, which nodes offer under the MIG strategy "mixed".</summary>
    [Length(32, 1)]
    [Pattern(@"^[1-7]g\.[0-9]{1,3}gb(\.me(\.all)?|\.gfx)?$")]
    public string? MigProfile { get; init; }

    /// <summary>How the device may be shared with other pods, as GPU feature discovery labels it (nvidia.com/gpu.sharing-strategy); default: what the node has.</summary>
    public AcceleratorSharing? Sharing { get; init; }

    /// <summary>Devices by dynamic resource allocation (resource.k8s.io/v1, Kubernetes 1.34), in place of an extended resource.</summary>
    public AcceleratorClaim? Claim { get; init; }

    /// <summary>The extended resource that is asked for; null where devices are claimed.</summary>
    public string? Resource() => Claim is not null ? null : MigProfile is { } profile ? $"nvidia.com/mig-{profile}" : ResourceName;

    /// <summary>Name under which devices are counted: the extended resource, or the device class of a claim.</summary>
    public string CountedAs() => Claim?.DeviceClassName ?? Resource()!;
}
