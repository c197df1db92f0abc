namespace AttentionOperator.Slo.Sources;

internal static partial class SliLog
{
    [LoggerMessage(200, LogLevel.Warning, "The counters of gateway {Address} cannot be read: {Error}")]
    public static partial void Unreadable(ILogger logger, Uri address, string error);

    [LoggerMessage(201, LogLevel.Information, "The counters of gateway {Address} can be read again")]
    public static partial void Recovered(ILogger logger, Uri address);

    [LoggerMessage(202, LogLevel.Warning, "Prometheus {Url} gives no counters of {Model}: {Error}")]
    public static partial void PrometheusUnreadable(ILogger logger, string url, string model, string error);

    [LoggerMessage(203, LogLevel.Error, "Reading counters failed")]
    public static partial void Failed(ILogger logger, Exception exception);
}
