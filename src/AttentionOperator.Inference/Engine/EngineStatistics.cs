namespace AttentionOperator.Inference.Engine;

/// <summary>A consistent view of the engine's state.</summary>
public sealed record EngineStatistics
{
    public int Running { get; init; }

    /// <summary>Waiting requests by <see cref="PriorityClass"/>.</summary>
    public IReadOnlyList<int> Waiting { get; init; } = [0, 0, 0];

    public long WaitingTokens { get; init; }

    /// <summary>Blocks of the cache; for an encoder, the tokens of its largest batch.</summary>
    public int BlocksTotal { get; init; }

    /// <summary>Blocks held by running requests (cached prefixes that can be evicted are free); for an encoder, the tokens of the batch that it computes.</summary>
    public int BlocksUsed { get; init; }

    public long PrefixQueriedTokens { get; init; }

    public long PrefixHitTokens { get; init; }

    public long Preemptions { get; init; }

    public long Steps { get; init; }

    /// <summary>Steps that the executor did not compute at once. What could be computed in parts was.</summary>
    public long FailedSteps { get; init; }

    /// <summary>Those of them that lacked memory.</summary>
    public long OutOfMemory { get; init; }

    public long PromptTokens { get; init; }

    public long GeneratedTokens { get; init; }

    /// <summary>Recent rate in tokens per second: of output, or of an encoder's input.</summary>
    public double TokensPerSecond { get; init; }
}
