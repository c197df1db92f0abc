namespace AttentionOperator.Runtime.Http;

/// <summary>A request that gets an error answer in OpenAI's shape.</summary>
internal sealed class ApiException(int status, ErrorReason reason, string type, string? code, string message, string? param = null, TimeSpan? retryAfter = null)
    : Exception(message)
{
    public int Status { get; } = status;

    public ErrorReason Reason { get; } = reason;

    /// <summary><c>error.type</c>.</summary>
    public string Type { get; } = type;

    /// <summary><c>error.code</c>.</summary>
    public string? Code { get; } = code;

    /// <summary><c>error.param</c>: the field at fault.</summary>
    public string? Param { get; } = param;

    public TimeSpan? RetryAfter { get; } = retryAfter;
}
