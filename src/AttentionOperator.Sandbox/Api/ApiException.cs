using System.Text.Json.Nodes;

namespace AttentionOperator.Sandbox.Api;

/// <summary>An API error that becomes a <c>Status</c> object with its HTTP code.</summary>
public sealed class ApiException : Exception
{
    internal ApiException(int code, string reason, string message, JsonObject? details = null) : base(message)
    {
        Code = code;
        Reason = reason;
        Details = details;
    }

    public int Code { get; }

    public string Reason { get; }

    /// <summary>The <c>details</c> of the Status: name, group, kind, causes, retryAfterSeconds.</summary>
    public JsonObject? Details { get; }

    /// <summary>Seconds for the Retry-After header.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>Answered as plain text, without a Status.</summary>
    public bool IsPlain { get; init; }

    public JsonObject ToStatus()
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = Message,
        };
        if (Reason.Length > 0) status["reason"] = Reason;
        if (Details is not null) status["details"] = Details.DeepClone();
        status["code"] = Code;
        return status;
    }
}
