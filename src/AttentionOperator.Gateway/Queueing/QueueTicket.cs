using AttentionOperator.Gateway.Routing;

namespace AttentionOperator.Gateway.Queueing;

/// <summary>What a queue has to know of a request.</summary>
internal sealed class QueueTicket
{
    public RequestClass Class { get; init; } = RequestClass.Standard;

    /// <summary>Whose turn it is; tenants of a class get equal shares of tokens while they wait.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>Weight: tokens of input and output, estimated.</summary>
    public long Tokens { get; init; }

    public int Bytes { get; init; }

    /// <summary>Hash of the prompt's beginning; 0 = none.</summary>
    public ulong Prefix { get; init; }

    /// <summary>Revision that the caller named.</summary>
    public string? AskedRevision { get; init; }

    public string? StickyKey { get; init; }

    /// <summary>Until when it may wait.</summary>
    public DateTimeOffset WaitUntil { get; set; }

    /// <summary>Endpoints that failed on it.</summary>
    public List<RuntimeEndpoint> Tried { get; } = [];

    /// <summary>The revision whose turn it was; kept, because a second look would take another's turn.</summary>
    public string? Revision { get; set; }

    /// <summary>It must stay on <see cref="Revision"/>: a part of the answer comes from there.</summary>
    public bool Pinned { get; set; }
}
