namespace AttentionOperator.Observation;

internal static partial class ApiDiscoveryLog
{
    [LoggerMessage(110, LogLevel.Warning, "Whether {Resource} is served cannot be told yet: the API server answered {Status}")]
    public static partial void Refused(ILogger logger, string resource, int status);

    [LoggerMessage(111, LogLevel.Warning, "Whether {Resource} is served cannot be told yet: {Error}")]
    public static partial void Failed(ILogger logger, string resource, string error);
}
