namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Bounds of a batch.</summary>
public sealed record BatchingSpec
{
    /// <summary>Most sequences in one engine step.</summary>
    public int MaxSequences { get; init; } = 64;

    /// <summary>How long an incomplete batch may wait for more, as a duration; default 0: never.</summary>
    public string? MaxDelay { get; init; }

    /// <summary>Memory for the key-value cache, as a quantity; default: what the memory plan leaves.</summary>
    public string? CacheMemory { get; init; }

    /// <summary>Most requests that wait in one replica; beyond it they are refused with 503 and Retry-After.</summary>
    public int? MaxQueuedRequests { get; init; }

    /// <summary>Most input tokens that wait in one replica.</summary>
    public int? MaxQueuedTokens { get; init; }
}
