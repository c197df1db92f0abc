using Microsoft.Extensions.Logging;

namespace AttentionOperator.Kube.Informers;

internal static partial class InformerLog
{
    [LoggerMessage(20, LogLevel.Information, "{Resource}: {Count} objects in the cache")]
    public static partial void Synced(ILogger logger, string resource, int count);

    [LoggerMessage(21, LogLevel.Warning, "{Resource}: watch ended ({Reason}), next attempt in {Delay}")]
    public static partial void Reconnecting(ILogger logger, Exception? exception, string resource, string reason, TimeSpan delay);

    [LoggerMessage(22, LogLevel.Information, "{Resource}: no streaming list here ({Message}), listing in pages")]
    public static partial void StreamingRefused(ILogger logger, string resource, string message);

    [LoggerMessage(23, LogLevel.Warning, "{Resource}: {Key} cannot be read: {Message}")]
    public static partial void Malformed(ILogger logger, string resource, string key, string message);

    [LoggerMessage(24, LogLevel.Error, "{Resource}: a handler failed for {Key}")]
    public static partial void HandlerFailed(ILogger logger, Exception exception, string resource, string key);
}
