namespace AttentionOperator.Kube.Leases;

/// <summary>What a lease says. An empty holder means that it was released.</summary>
public sealed record LeaseRecord(string Holder, TimeSpan Duration, DateTimeOffset AcquiredAt, DateTimeOffset RenewedAt, int Transitions);
