namespace AttentionOperator.Gateway.Forwarding;

/// <summary>What kind of event a stream brought.</summary>
internal enum StreamChunkKind
{
    /// <summary>A comment, or fields without data.</summary>
    Comment,

    /// <summary>A JSON object of the answer.</summary>
    Data,

    /// <summary>Data that is no JSON object; passed on as it is.</summary>
    Opaque,

    /// <summary>The end mark <c>[DONE]</c>.</summary>
    Done,

    /// <summary>An object with <c>error</c>.</summary>
    Error,
}
