namespace AttentionOperator.Inference.Engine;

/// <summary>Continuous batching over one loaded model.</summary>
public interface IGenerationEngine : IAsyncDisposable
{
    /// <summary>
    /// Queues the request and yields what it generates. Refusal (queue full, too long, draining) throws
    /// <see cref="RequestRefusedException"/> before anything is queued. Cancelling takes effect before the next step.
    /// </summary>
    IAsyncEnumerable<GenerationEvent> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken = default);

    EngineStatistics Statistics { get; }
}

/// <summary>One generated token with the text that became certain with it (text may be empty), or the end.</summary>
public sealed record GenerationEvent
{
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

public sealed record TokenLogProb(int TokenId, float LogProb, IReadOnlyList<(int TokenId, float LogProb)> Top);

public enum FinishReason
{
    /// <summary>A stop id or stop string.</summary>
    Stop,

    /// <summary>MaxTokens or the model's positions.</summary>
    Length,

    /// <summary>The deadline passed.</summary>
    Deadline,
}

/// <summary>A consistent view of the engine's state.</summary>
public sealed record EngineStatistics
{
    public int Running { get; init; }

    /// <summary>Waiting requests by <see cref="PriorityClass"/>.</summary>
    public IReadOnlyList<int> Waiting { get; init; } = [0, 0, 0];

    public long WaitingTokens { get; init; }

    public int BlocksTotal { get; init; }

    /// <summary>Blocks held by running requests (cached prefixes that can be evicted are free).</summary>
    public int BlocksUsed { get; init; }

    public long PrefixQueriedTokens { get; init; }

    public long PrefixHitTokens { get; init; }

    public long Preemptions { get; init; }

    public long Steps { get; init; }

    public long PromptTokens { get; init; }

    public long GeneratedTokens { get; init; }

    /// <summary>Recent output rate in tokens per second; what Retry-After is computed from.</summary>
    public double TokensPerSecond { get; init; }
}

/// <summary>Why a request was not taken.</summary>
public enum RefusalReason
{
    QueueFull,
    TokensFull,
    Draining,
    TooLong,
    Deadline,
    Unsupported,
}

/// <summary>The engine does not take the request; nothing was queued.</summary>
public sealed class RequestRefusedException(RefusalReason reason, string message, TimeSpan? retryAfter = null) : Exception(message)
{
    public RefusalReason Reason { get; } = reason;

    /// <summary>When a retry is likely to be admitted; null where a retry cannot help.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
