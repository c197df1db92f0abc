using Microsoft.Extensions.Logging;

namespace AttentionOperator.Sandbox.NodeAgent;

internal static partial class NodeLog
{
    [LoggerMessage(EventId = 3001, Level = LogLevel.Warning, Message = "Status of pod {Namespace}/{Pod} could not be written")]
    public static partial void StatusWriteFailed(ILogger logger, Exception exception, string @namespace, string pod);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Error, Message = "Pod {Namespace}/{Pod} ended with an unexpected error")]
    public static partial void PodFailed(ILogger logger, Exception exception, string @namespace, string pod);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Information, Message = "Node {Node} has started; its pods get addresses from 127.{Octet}.0.0/16")]
    public static partial void Started(ILogger logger, string node, int octet);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Warning, Message = "An event about {Object} could not be recorded")]
    public static partial void EventFailed(ILogger logger, Exception exception, string @object);

    [LoggerMessage(EventId = 3005, Level = LogLevel.Warning, Message = "Node {Node} could not renew its lease")]
    public static partial void HeartbeatFailed(ILogger logger, Exception exception, string node);

    [LoggerMessage(EventId = 3006, Level = LogLevel.Warning, Message = "Volumes of pod {Namespace}/{Pod} could not be refreshed")]
    public static partial void RefreshFailed(ILogger logger, Exception exception, string @namespace, string pod);

    [LoggerMessage(EventId = 3007, Level = LogLevel.Warning, Message = "Pod {Namespace}/{Pod} could not be removed")]
    public static partial void DeleteFailed(ILogger logger, Exception exception, string @namespace, string pod);
}
