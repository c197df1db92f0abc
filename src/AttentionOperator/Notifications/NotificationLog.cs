namespace AttentionOperator.Notifications;

internal static partial class NotificationLog
{
    [LoggerMessage(300, LogLevel.Warning, "The webhook did not take {Type} of {Model}: {Error}")]
    public static partial void Dropped(ILogger logger, string type, string model, string error);
}
