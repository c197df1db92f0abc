namespace AttentionOperator.Kube.Client;

/// <summary>Which incarnation, and optionally which version, a delete is meant for.</summary>
public sealed record DeletePreconditions(string? Uid = null, string? ResourceVersion = null);
