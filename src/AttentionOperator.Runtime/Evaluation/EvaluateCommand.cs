using AttentionOperator.Api.Runtime;
using AttentionOperator.Runtime.Startup;

namespace AttentionOperator.Runtime.Evaluation;

/// <summary><c>attention-runtime evaluate</c>: runs a golden set and leaves the numbers as termination message. Whether they suffice is decided by who asked.</summary>
internal sealed partial class EvaluateCommand(EvaluateArguments arguments, TimeProvider clock)
{
    public async Task<int> RunAsync()
    {
        using var stop = new StopSignal();
        using var logs = LoggerFactory.Create(ServeCommand.ConfigureLogs);
        var logger = logs.CreateLogger<EvaluateCommand>();
        // Addresses are pods': no proxy stands between.
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(5) }) { Timeout = Timeout.InfiniteTimeSpan };
        try
        {
            var cases = GoldenSet.Read(arguments);
            LogBegins(logger, cases.Count, arguments.Metric.ToString(), arguments.Canary);
            var evaluator = new Evaluator(arguments, new RevisionClient(http, arguments.Canary, arguments.Name, clock), arguments.Stable is { } stable ? new RevisionClient(http, stable, arguments.Name, clock) : null);
            var line = (await evaluator.RunAsync(cases, stop.Token)).ToLine();
            Console.WriteLine(line);
            TerminationLog.Write(line, logger);
            return ExitCodes.Ok;
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
        catch (EvaluationException e)
        {
            LogFailed(logger, e.Message);
            TerminationLog.Write(new TerminationMessage(StartFailureReason.EvaluationImpossible, e.Message), logger);
            return ExitCodes.StartFailed;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Runs {Cases} cases by {Metric} against {Canary}")]
    private static partial void LogBegins(ILogger logger, int cases, string metric, Uri canary);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Cannot evaluate: {Problem}")]
    private static partial void LogFailed(ILogger logger, string problem);
}
