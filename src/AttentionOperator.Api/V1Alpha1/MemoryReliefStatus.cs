using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>A revision whose memory ran out.</summary>
public sealed record MemoryReliefStatus
{
    /// <summary>Revision hash.</summary>
    [RequiredField]
    public string Revision { get; init; } = "";

    /// <summary>Tokens of one engine step that its replicas start with now, in place of limits.maxBatchTokens.</summary>
    public int MaxBatchTokens { get; init; }

    /// <summary>How often it was halved.</summary>
    public int Steps { get; init; }

    /// <summary>When memory ran out last.</summary>
    public DateTime? At { get; init; }

    /// <summary>One word: OutOfMemoryKilled for the pod's memory, OutOfMemory for the device's.</summary>
    public string? Reason { get; init; }

    /// <summary>The pod, and the request and step that did it as far as the runtime could tell.</summary>
    public string? Message { get; init; }
}
