namespace AttentionOperator.Hosting;

internal static partial class ControlLoopLog
{
    [LoggerMessage(100, LogLevel.Information, "Caches hold {Models} AttentionModels")]
    public static partial void Synced(ILogger logger, int models);

    [LoggerMessage(101, LogLevel.Information, "{Identity} reconciles")]
    public static partial void Leading(ILogger logger, string identity);
}
