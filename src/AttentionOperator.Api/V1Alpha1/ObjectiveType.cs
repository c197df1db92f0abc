namespace AttentionOperator.Api.V1Alpha1;

/// <summary>What a service level objective measures.</summary>
public enum ObjectiveType
{
    /// <summary>Share of requests without a server error.</summary>
    Errors,

    /// <summary>Share of requests answered completely within the threshold.</summary>
    Latency,

    /// <summary>Share of streams whose first token came within the threshold.</summary>
    TimeToFirstToken,

    /// <summary>Share of streams whose mean time per output token is within the threshold.</summary>
    TimePerOutputToken,

    /// <summary>Share of feedback that is good.</summary>
    Quality,
}
