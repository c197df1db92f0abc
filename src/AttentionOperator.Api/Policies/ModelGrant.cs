namespace AttentionOperator.Api.Policies;

/// <summary>What the ceilings of a namespace leave a model.</summary>
/// <param name="Replicas">Replicas that it may run, at most those that it asks for.</param>
/// <param name="Surge">Further replicas that a rollout may use.</param>
/// <param name="Limit">The ceiling that keeps it below what it asks for, with the numbers; null where it gets all replicas.</param>
public sealed record ModelGrant(int Replicas, int Surge, string? Limit);
