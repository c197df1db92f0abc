using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Cli.Fleet;

/// <summary>One model of the fleet.</summary>
internal sealed record FleetRow
{
    public required AttentionModel Model { get; init; }

    /// <summary>Replicas that take place.</summary>
    public int Held { get; init; }

    /// <summary>Devices that they hold.</summary>
    public int Accelerators { get; init; }

    /// <summary>Requests that wait at the gateways; null where no gateway was asked.</summary>
    public int? Queue { get; init; }

    /// <summary>The worst objective's share of bad requests over the share that its target tolerates; null where nothing was judged.</summary>
    public double? Burn { get; init; }

    /// <summary>Null where nobody has a price.</summary>
    public decimal? CostPerHour { get; init; }

    /// <summary>Cost of a million tokens, in and out, at the rate between the samples; null where there were none or nobody has a price.</summary>
    public decimal? CostPerMillionTokens { get; init; }
}
