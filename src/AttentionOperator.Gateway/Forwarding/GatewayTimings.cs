namespace AttentionOperator.Gateway.Forwarding;

/// <summary>How long the gateway waits for what.</summary>
internal sealed record GatewayTimings
{
    /// <summary>Between two comments of a stream that waits for a replica.</summary>
    public TimeSpan CommentInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For a replica of the same revision that can go on with a broken stream.</summary>
    public TimeSpan ContinuationWait { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>For an answer that is no stream, and for the first token of one.</summary>
    public TimeSpan LongestAnswer { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long a replica that refused work is left alone, where it did not say, or said more.</summary>
    public TimeSpan RefusalPause { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Between SIGTERM and the end of listening: time for endpoints and proxies to hear that the pod leaves.</summary>
    public TimeSpan Leaving { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For another gateway's answer about what it can lend; the request that lacks it waits.</summary>
    public TimeSpan LoanPatience { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>When clients of a model without a ready replica shall come back, as long as this gateway has seen none of its starts.</summary>
    public TimeSpan NoReplicaRetryAfter { get; init; } = TimeSpan.FromSeconds(10);
}
