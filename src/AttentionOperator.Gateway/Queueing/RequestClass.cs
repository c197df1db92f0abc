namespace AttentionOperator.Gateway.Queueing;

/// <summary>How urgent a request is. A lower value goes first.</summary>
internal enum RequestClass
{
    /// <summary>Somebody watches.</summary>
    Interactive,

    Standard,

    /// <summary>Whenever there is room.</summary>
    Batch,
}
