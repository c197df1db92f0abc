namespace AttentionOperator.Gateway.Forwarding;

/// <summary>How a relayed server-sent event stream ended.</summary>
internal enum StreamOutcome
{
    /// <summary>With its <c>[DONE]</c>.</summary>
    Complete,

    /// <summary>With an error event of the runtime.</summary>
    Error,

    /// <summary>The upstream connection broke, or ended without <c>[DONE]</c>.</summary>
    Broken,

    /// <summary>The client left.</summary>
    ClientGone,
}
