namespace AttentionOperator.Kube.Leases;

/// <summary>Where the lease lives.</summary>
public interface ILeaseStore
{
    /// <summary>Names the lease in logs and metrics.</summary>
    string Name { get; }

    Task<LeaseState?> GetAsync(CancellationToken cancellation);

    /// <summary>Null where somebody else created it first.</summary>
    Task<LeaseState?> CreateAsync(LeaseRecord record, CancellationToken cancellation);

    /// <summary>Null where the lease changed since <paramref name="current"/> was read.</summary>
    Task<LeaseState?> UpdateAsync(LeaseState current, LeaseRecord record, CancellationToken cancellation);
}
