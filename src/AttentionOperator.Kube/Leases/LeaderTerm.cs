namespace AttentionOperator.Kube.Leases;

/// <summary>One uninterrupted time as leader.</summary>
/// <param name="Number">The lease's transition count: higher for each later leader.</param>
/// <param name="Token">Cancelled the moment the lease is lost or given up; nothing may be written afterwards.</param>
public sealed record LeaderTerm(int Number, CancellationToken Token);
