namespace AttentionOperator.Inference.Engine;

/// <summary>An accepted request could not be finished.</summary>
/// <param name="retryable">True while no token was delivered: the request can be sent elsewhere as it is.</param>
public sealed class GenerationFailedException(string message, bool retryable, Exception? inner = null) : Exception(message, inner)
{
    public bool Retryable { get; } = retryable;

    /// <summary>Set where the device had too little memory for this request.</summary>
    public MemoryShortage? Shortage { get; init; }
}
