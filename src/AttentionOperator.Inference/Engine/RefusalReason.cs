namespace AttentionOperator.Inference.Engine;

/// <summary>Why a request was not taken.</summary>
public enum RefusalReason
{
    QueueFull,
    TokensFull,
    Draining,
    TooLong,
    Deadline,
    Unsupported,
}
