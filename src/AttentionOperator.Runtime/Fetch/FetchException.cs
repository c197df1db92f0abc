using AttentionOperator.Api.Runtime;

namespace AttentionOperator.Runtime.Fetch;

/// <summary>An artifact cannot be fetched; <see cref="Transient"/> tells whether another try may help.</summary>
internal sealed class FetchException(string message, bool transient = false, Exception? inner = null) : Exception(message, inner)
{
    public bool Transient { get; } = transient;

    /// <summary>The word of the termination message.</summary>
    public StartFailureReason Reason { get; init; } = StartFailureReason.FetchFailed;
}
