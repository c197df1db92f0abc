using AttentionOperator.Api.Runtime;

namespace AttentionOperator.Runtime.Startup;

/// <summary>The process cannot start; ends as exit code 1 with a termination message.</summary>
internal sealed class StartFailureException(StartFailureReason reason, string message, Exception? inner = null) : Exception(message, inner)
{
    public StartFailureReason Reason { get; } = reason;
}
