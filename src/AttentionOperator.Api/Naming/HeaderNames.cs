namespace AttentionOperator.Api.Naming;

/// <summary>HTTP headers of the data plane. Those under <see cref="InternalPrefix"/> are stripped from client requests at the gateway.</summary>
public static class HeaderNames
{
    public const string InternalPrefix = "X-Attention-Internal-";

    /// <summary>Client → gateway/runtime: priority class (interactive, standard, batch). Can only lower the caller's class.</summary>
    public const string Priority = "X-Attention-Priority";

    /// <summary>Client → gateway: ask for a named revision (preview, A/B).</summary>
    public const string Revision = "X-Attention-Revision";

    /// <summary>Gateway → client: the revision that answered.</summary>
    public const string ServedRevision = "X-Attention-Served-Revision";

    /// <summary>Client → gateway/runtime: how long the caller waits, as a duration (for example 30s).</summary>
    public const string Deadline = "X-Attention-Deadline";

    /// <summary>Answer: machine-readable reason of a 4xx/5xx.</summary>
    public const string Reason = "X-Attention-Reason";

    /// <summary>Answer: input was truncated or chunked; the value says how.</summary>
    public const string Truncated = "X-Attention-Truncated";

    /// <summary>Gateway → runtime: authenticates the continuation protocol.</summary>
    public const string ContinuationToken = InternalPrefix + "Continuation";

    /// <summary>Gateway → runtime: the AttentionModel that the gateway resolved the request's model name (an alias, for example) to.</summary>
    public const string Model = InternalPrefix + "Model";

    /// <summary>Gateway → runtime: the highest class that the caller may use.</summary>
    public const string PriorityCap = InternalPrefix + "Priority-Cap";

    /// <summary>Gateway → runtime: requests share cached prefixes only within one namespace; a salted hash of the tenant.</summary>
    public const string CacheNamespace = InternalPrefix + "Cache-Namespace";

    public const string RequestId = "X-Request-Id";
}
