using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Runtime;

namespace AttentionOperator.Runtime.Startup;

/// <summary>Leaves the termination message where Kubernetes reads it.</summary>
internal static partial class TerminationLog
{
    public static string FilePath => Environment.GetEnvironmentVariable(EnvironmentNames.TerminationLog) is { Length: > 0 } given ? given : RuntimeLayout.TerminationLog;

    public static void Write(TerminationMessage message, ILogger logger) => Write(message.ToLine(), logger);

    public static void Write(string line, ILogger logger)
    {
        var path = FilePath;
        try
        {
            File.WriteAllText(path, line + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Outside of a pod there is no such file; the log has the message.
            LogNoFile(logger, path, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "No termination message at {Path}: {Problem}")]
    private static partial void LogNoFile(ILogger logger, string path, string problem);
}
