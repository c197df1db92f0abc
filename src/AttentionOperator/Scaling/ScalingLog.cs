namespace AttentionOperator.Scaling;

internal static partial class ScalingLog
{
    [LoggerMessage(500, LogLevel.Information, "{Model}: {Message}")]
    public static partial void Scaled(ILogger logger, string model, string message);

    [LoggerMessage(501, LogLevel.Warning, "{Model} cannot be scaled: {Error}")]
    public static partial void Refused(ILogger logger, string model, string error);

    [LoggerMessage(502, LogLevel.Error, "Looking at {Model} failed")]
    public static partial void Failed(ILogger logger, string model, Exception exception);

    [LoggerMessage(503, LogLevel.Warning, "The deletion cost of pod {Pod} cannot be set: {Error}")]
    public static partial void CostRefused(ILogger logger, string pod, string error);
}
