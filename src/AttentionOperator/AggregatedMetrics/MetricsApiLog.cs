namespace AttentionOperator.AggregatedMetrics;

internal static partial class MetricsApiLog
{
    [LoggerMessage(600, LogLevel.Error, "A request for metrics cannot be authorized: {Error}")]
    public static partial void Unauthorizable(ILogger logger, string error);
}
