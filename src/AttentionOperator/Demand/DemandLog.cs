namespace AttentionOperator.Demand;

internal static partial class DemandLog
{
    [LoggerMessage(400, LogLevel.Warning, "The load of {Address} cannot be read: {Error}")]
    public static partial void Unreadable(ILogger logger, Uri address, string error);

    [LoggerMessage(401, LogLevel.Information, "The load of {Address} can be read again")]
    public static partial void Recovered(ILogger logger, Uri address);
}
