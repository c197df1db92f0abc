namespace AttentionOperator.Inference.Engine;

/// <summary>The engine does not take the request; nothing was queued.</summary>
public sealed class RequestRefusedException(RefusalReason reason, string message, TimeSpan? retryAfter = null) : Exception(message)
{
    public RefusalReason Reason { get; } = reason;

    /// <summary>When a retry is likely to be admitted; null where a retry cannot help.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
