namespace AttentionOperator.Rollouts;

/// <summary>Why a rollout does not go on.</summary>
/// <param name="Reason">One CamelCase word, for the condition Stalled and the event.</param>
/// <param name="Message">Numbers, and what to do.</param>
internal sealed record RolloutStall(string Reason, string Message);
