namespace AttentionOperator.Inference.Engine;

/// <summary>Life of an engine.</summary>
public enum EngineState
{
    /// <summary>Takes requests.</summary>
    Running,

    /// <summary>Refuses new requests and finishes the accepted ones.</summary>
    Draining,

    /// <summary>The executor failed several steps in a row: every request was failed and new ones are refused. The process should end.</summary>
    Faulted,

    /// <summary>Disposed, or drained to the end.</summary>
    Stopped,
}
