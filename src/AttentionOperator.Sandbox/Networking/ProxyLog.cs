using Microsoft.Extensions.Logging;

namespace AttentionOperator.Sandbox.Networking;

internal static partial class ProxyLog
{
    [LoggerMessage(EventId = 3201, Level = LogLevel.Warning, Message = "Service {Service} cannot be served at {Address}")]
    public static partial void CannotListen(ILogger logger, Exception exception, string service, string address);
}
