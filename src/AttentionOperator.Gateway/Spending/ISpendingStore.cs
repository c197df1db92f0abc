namespace AttentionOperator.Gateway.Spending;

/// <summary>Where all gateways add up what tenants spent; outlives them.</summary>
internal interface ISpendingStore
{
    /// <summary>Adds, as one change, and answers with the sum over all gateways.</summary>
    Task<SpendingRecord> AddAsync(SpendingRecord spent, CancellationToken cancellation);
}
