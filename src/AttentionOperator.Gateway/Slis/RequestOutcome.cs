namespace AttentionOperator.Gateway.Slis;

/// <summary>How a request ended, as measured at this edge.</summary>
/// <param name="Failed">Server error, broken stream or time-out. What the caller did wrong, or a caller that left, is not recorded at all.</param>
/// <param name="Duration">From the last byte of the request to the last of the answer.</param>
/// <param name="TimeToFirstToken">For streams, until the first token; null for others.</param>
/// <param name="InputTokens">As the runtime reported, or estimated.</param>
/// <param name="OutputTokens">As the runtime reported, or counted in the stream.</param>
internal readonly record struct RequestOutcome(bool Failed, TimeSpan Duration, TimeSpan? TimeToFirstToken = null, long InputTokens = 0, long OutputTokens = 0)
{
    /// <summary>Mean time per token after the first; null for other than streams of at least two tokens.</summary>
    public TimeSpan? TimePerOutputToken => TimeToFirstToken is { } first && OutputTokens > 1 ? (Duration - first) / (OutputTokens - 1) : null;
}
