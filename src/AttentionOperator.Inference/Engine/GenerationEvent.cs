namespace AttentionOperator.Inference.Engine;

/// <summary>
/// One generated token with the text that became certain with it (text may be empty), or the end. A value, so that a stream
/// allocates nothing per token but its text.
/// </summary>
public readonly record struct GenerationEvent
{
    /// <summary>−1 where the end came without a token (deadline, or a continuation that was already complete).</summary>
    public required int TokenId { get; init; }

    public required string Text { get; init; }

    public TokenLogProb? LogProb { get; init; }

    /// <summary>Set on the last event.</summary>
    public FinishReason? Finish { get; init; }

    /// <summary>Prompt tokens that were found in the prefix cache; set on the first event.</summary>
    public int CachedPromptTokens { get; init; }

    /// <summary>Time from arrival to the first step that computed tokens of the request; set on the first event.</summary>
    public TimeSpan QueueTime { get; init; }

    /// <summary>Log-probabilities of the prompt's tokens (null for the first); on the first event, where asked for.</summary>
    public IReadOnlyList<TokenLogProb?>? PromptLogProbs { get; init; }
}
