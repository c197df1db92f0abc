using Microsoft.Extensions.Logging;

namespace AttentionOperator.Kube.Control;

internal static partial class ControllerLog
{
    [LoggerMessage(1, LogLevel.Warning, "{Controller}: reconcile of {Key} failed, next attempt in {Delay}")]
    public static partial void Failed(ILogger logger, Exception exception, string controller, string key, TimeSpan delay);

    [LoggerMessage(2, LogLevel.Debug, "{Controller}: {Key} waits ({Reason}), next look in {Delay}")]
    public static partial void Waiting(ILogger logger, string controller, string key, string reason, TimeSpan delay);

    [LoggerMessage(3, LogLevel.Information, "{Controller}: {Key} is left alone until it changes ({Reason})")]
    public static partial void Terminal(ILogger logger, string controller, string key, string reason);
}
