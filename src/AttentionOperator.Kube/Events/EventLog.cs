using Microsoft.Extensions.Logging;

namespace AttentionOperator.Kube.Events;

internal static partial class EventLog
{
    [LoggerMessage(60, LogLevel.Warning, "Event {Reason} for {Key} could not be sent")]
    public static partial void Failed(ILogger logger, Exception exception, string reason, string key);
}
