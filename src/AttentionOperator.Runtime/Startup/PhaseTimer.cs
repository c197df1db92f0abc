using AttentionOperator.Runtime.Metrics;

namespace AttentionOperator.Runtime.Startup;

/// <summary>Times the phases of a start, for the log and <c>attention_cold_start_seconds{phase}</c>.</summary>
internal sealed partial class PhaseTimer(RuntimeMetrics metrics, TimeProvider clock, ILogger<PhaseTimer> logger)
{
    /// <summary>From the start of the process to that of the first phase: runtime and libraries.</summary>
    public const string Process = "process";

    public const string Digest = "digest";
    public const string Tokenizer = "tokenizer";
    public const string Weights = "weights";
    public const string Plan = "plan";
    public const string Engine = "engine";
    public const string WarmUp = "warm_up";

    /// <summary>From the start of the process to readiness.</summary>
    public const string Total = "total";

    public T Run<T>(string phase, Func<T> action)
    {
        var start = clock.GetTimestamp();
        var result = action();
        Record(phase, clock.GetElapsedTime(start));
        return result;
    }

    public async Task RunAsync(string phase, Func<Task> action)
    {
        var start = clock.GetTimestamp();
        await action();
        Record(phase, clock.GetElapsedTime(start));
    }

    public void Record(string phase, TimeSpan duration)
    {
        metrics.ColdStart.WithLabels(phase).Set(duration.TotalSeconds);
        LogPhase(logger, phase, duration.TotalSeconds);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Start: {Phase} took {Seconds:0.000} s")]
    private static partial void LogPhase(ILogger logger, string phase, double seconds);
}
