namespace AttentionOperator.Sandbox.Api;

/// <summary>Whose token it is, and for which of the wanted audiences it holds.</summary>
internal sealed record VerifiedToken(RequestUser User, IReadOnlyList<string> Audiences);
