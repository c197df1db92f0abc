namespace AttentionOperator.Kube.Client;

/// <summary>One entry of <c>status.details.causes</c>: for an apply conflict, the field and the manager that owns it.</summary>
public sealed record StatusCause(string Reason, string Field, string Message);
