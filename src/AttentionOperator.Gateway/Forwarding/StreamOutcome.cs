namespace AttentionOperator.Gateway.Forwarding;

/// <summary>How one runtime's part of a stream ended.</summary>
internal enum StreamOutcome
{
    /// <summary>With its <c>[DONE]</c>.</summary>
    Complete,

    /// <summary>With an error event of the runtime, which the client has.</summary>
    Error,

    /// <summary>The runtime gave the answer back because it drains; the client does not know.</summary>
    GivenBack,

    /// <summary>The upstream connection broke, fell silent, or ended without <c>[DONE]</c>.</summary>
    Broken,

    /// <summary>The client left.</summary>
    ClientGone,
}
