using Microsoft.Extensions.Logging;

namespace AttentionOperator.Sandbox.Controllers;

internal static partial class ClusterLog
{
    [LoggerMessage(EventId = 3101, Level = LogLevel.Warning, Message = "Event {Reason} about {Name} could not be written")]
    public static partial void EventFailed(ILogger logger, Exception exception, string reason, string name);

    [LoggerMessage(EventId = 3102, Level = LogLevel.Error, Message = "{Part} has ended with an unexpected error")]
    public static partial void PartFailed(ILogger logger, Exception exception, string part);

    [LoggerMessage(EventId = 3103, Level = LogLevel.Warning, Message = "Discovery failed for {GroupVersion}; its objects are not collected until it answers")]
    public static partial void DiscoveryFailed(ILogger logger, Exception exception, string groupVersion);
}
