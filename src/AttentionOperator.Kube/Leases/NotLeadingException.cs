namespace AttentionOperator.Kube.Leases;

/// <summary>A write was attempted without the lease.</summary>
public sealed class NotLeadingException(string message) : InvalidOperationException(message);
