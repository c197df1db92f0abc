namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Prices and budgets.</summary>
public sealed record CostSpec
{
    /// <summary>Price of one replica per hour.</summary>
    public string? PerReplicaHour { get; init; }

    /// <summary>ISO 4217 code.</summary>
    public string? Currency { get; init; }
}
