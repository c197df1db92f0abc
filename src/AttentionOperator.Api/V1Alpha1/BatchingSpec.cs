using System.Text.Json.Serialization;
using AttentionOperator.Api.Schema;
using AttentionOperator.Api.Serialization;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Bounds of a batch and of the queue of one replica.</summary>
public sealed record BatchingSpec
{
    /// <summary>Most sequences in one engine step.</summary>
    [Bounds(1, 4096)]
    public int MaxSequences { get; init; } = 64;

    /// <summary>How long an incomplete batch may wait for more, as a duration; default: it never waits.</summary>
    [Duration]
    public string? MaxDelay { get; init; }

    /// <summary>Memory for the key-value cache, as a quantity; default: what the memory plan leaves.</summary>
    [Quantity]
    [JsonConverter(typeof(IntOrStringConverter))]
    public string? CacheMemory { get; init; }

    /// <summary>Most requests that wait in one replica; beyond it they are refused with 503 and Retry-After.</summary>
    [Bounds(0)]
    public int? MaxQueuedRequests { get; init; }

    /// <summary>Most input tokens that wait in one replica.</summary>
    [Bounds(0)]
    public int? MaxQueuedTokens { get; init; }
}
