using AttentionOperator.Gateway.Forwarding;

namespace AttentionOperator.Gateway.Admission;

/// <summary>One line per request of a model that needs a key: who, what, how it ended, how much. Never what was said.</summary>
internal sealed partial class AuditLog(ILogger<AuditLog> logger)
{
    public void Refused(HttpContext context, string model, string? keyId, string? tenant, string reason, int status) =>
        LogRefused(logger, context.TraceIdentifier, model, keyId ?? "", tenant ?? "", context.Request.Path, context.Connection.RemoteIpAddress?.ToString() ?? "", status, reason);

    public void Served(Exchange exchange, Caller caller, int status, TimeSpan duration)
    {
        if (caller.Scope.Length == 0) return;
        var context = exchange.Context;
        LogServed(logger, context.TraceIdentifier, exchange.Route.Key.ToString(), exchange.Revision ?? "", caller.KeyId, caller.Tenant, context.Request.Path, context.Connection.RemoteIpAddress?.ToString() ?? "", status, exchange.Reason ?? "", exchange.Usage.Input, exchange.Usage.Output, (long)duration.TotalMilliseconds);
    }

    [LoggerMessage(1, LogLevel.Warning, "Refused {RequestId}: model {Model}, key {KeyId}, tenant {Tenant}, path {Path}, from {Address}, status {Status}, reason {Reason}")]
    private static partial void LogRefused(ILogger logger, string requestId, string model, string keyId, string tenant, string path, string address, int status, string reason);

    [LoggerMessage(2, LogLevel.Information, "Served {RequestId}: model {Model}, revision {Revision}, key {KeyId}, tenant {Tenant}, path {Path}, from {Address}, status {Status}, reason {Reason}, input {InputTokens} and output {OutputTokens} tokens, {Milliseconds} ms")]
    private static partial void LogServed(ILogger logger, string requestId, string model, string revision, string keyId, string tenant, string path, string address, int status, string reason, long inputTokens, long outputTokens, long milliseconds);
}
