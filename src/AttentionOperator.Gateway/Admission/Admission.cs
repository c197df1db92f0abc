namespace AttentionOperator.Gateway.Admission;

/// <summary>What a request was let in with.</summary>
/// <param name="Caller">Who sent it.</param>
/// <param name="Reservation">What it holds of its tenant's budget.</param>
/// <param name="MaxTokens">Bound of the answer that the gateway sets because the reservation needs one and the client set none.</param>
/// <param name="InputTokens">Tokens of the input, where they were counted exactly.</param>
internal sealed record Admission(Caller Caller, Reservation Reservation, int? MaxTokens, long? InputTokens);
