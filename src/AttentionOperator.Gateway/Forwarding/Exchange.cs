using System.Diagnostics;
using AttentionOperator.Gateway.Queueing;
using AttentionOperator.Gateway.Requests;
using AttentionOperator.Gateway.Routing;

namespace AttentionOperator.Gateway.Forwarding;

/// <summary>One client's request on its way to an answer.</summary>
internal sealed class Exchange
{
    public required HttpContext Context { get; init; }

    /// <summary>The route when the request came; where it is placed is decided by the newest one.</summary>
    public required ModelRoute Route { get; init; }

    public required RequestFacts Facts { get; init; }

    /// <summary>As runtimes get it.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    public required QueueTicket Ticket { get; init; }

    /// <summary>Timestamp of the request's last byte.</summary>
    public required long StartedAt { get; init; }

    /// <summary>When the caller stops waiting, where it said so.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Tokens of the input, where they were counted; else null.</summary>
    public long? InputTokens { get; init; }

    /// <summary>The request's span; null where nobody traces.</summary>
    public Activity? Span { get; init; }

    /// <summary>The answer is to be kept in <see cref="Captured"/>.</summary>
    public bool Captures { get; set; }

    /// <summary>The whole answer, where it was short enough to be read at once.</summary>
    public byte[]? Captured { get; set; }

    /// <summary>Status of the runtime's answer; where a stream of comments had begun, the client's own status says nothing.</summary>
    public int? UpstreamStatus { get; set; }

    public TimeSpan? TimeToFirstToken { get; set; }

    /// <summary>The revision that gave the answer, or its end.</summary>
    public string? Revision { get; set; }

    /// <summary>Id of the answer, for feedback.</summary>
    public string? AnswerId { get; private set; }

    /// <summary>Told of the answer's id before the client can have read all of the answer: feedback on it may come at once.</summary>
    public Action<Exchange, string>? Identified { get; init; }

    /// <summary>As the runtime counted, or as far as it came.</summary>
    public TokenUsage Usage { get; set; }

    /// <summary>What broke the newest attempt, for the log.</summary>
    public string? Failure { get; set; }

    /// <summary>Why the gateway itself refused or broke off; null where the runtime answered.</summary>
    public string? Reason { get; set; }

    public void Identify(string? id)
    {
        if (id is null || id == AnswerId) return;
        AnswerId = id;
        Identified?.Invoke(this, id);
    }
}
