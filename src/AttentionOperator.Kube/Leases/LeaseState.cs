namespace AttentionOperator.Kube.Leases;

/// <summary>A record and the version that an update of it must name.</summary>
/// <param name="Record">What the lease says.</param>
/// <param name="Version">Resource version.</param>
/// <param name="Json">The whole object, so that an update keeps what others put into it.</param>
public sealed record LeaseState(LeaseRecord Record, string Version, ReadOnlyMemory<byte> Json);
