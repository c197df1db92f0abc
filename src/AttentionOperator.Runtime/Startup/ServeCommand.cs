using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Inference.Engine;
using AttentionOperator.Runtime.Http;
using AttentionOperator.Runtime.Tracing;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace AttentionOperator.Runtime.Startup;

/// <summary><c>attention-runtime serve</c>: from arguments to exit code.</summary>
internal sealed partial class ServeCommand(ServeArguments arguments, TimeProvider clock)
{
    /// <summary>Of the grace period, what is kept for writing the last answers and closing.</summary>
    private static readonly TimeSpan CloseReserve = TimeSpan.FromSeconds(2);

    public async Task<int> RunAsync()
    {
        using var stop = new StopSignal();
        using var logs = LoggerFactory.Create(ConfigureLogs);
        var logger = logs.CreateLogger<ServeCommand>();
        try
        {
            return await ServeAsync(logs, logger, stop.Token);
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            LogStoppedEarly(logger);
            return ExitCodes.Ok;
        }
        catch (StartFailureException e)
        {
            LogFailed(logger, e.Reason, e.Message);
            TerminationLog.Write(new TerminationMessage(e.Reason, e.Message), logger);
            return ExitCodes.StartFailed;
        }
        catch (Exception e)
        {
            LogDefect(logger, e);
            TerminationLog.Write(new TerminationMessage(StartFailureReason.InternalError, $"{e.GetType().Name}: {e.Message}"), logger);
            return ExitCodes.StartFailed;
        }
    }

    private async Task<int> ServeAsync(ILoggerFactory logs, ILogger logger, CancellationToken stop)
    {
        var started = Process.GetCurrentProcess().StartTime.ToUniversalTime();
        var configuration = ConfigurationFile.Read(arguments.Config);
        var listen = ListenAddress.Resolve(arguments.Listen, Environment.GetEnvironmentVariable(EnvironmentNames.PodIp));
        var options = RuntimeOptions.From(
            configuration, Environment.GetEnvironmentVariable(EnvironmentNames.InternalToken), Environment.GetEnvironmentVariable(EnvironmentNames.CaptureContent));
        await using var server = RuntimeServer.Create(configuration, listen, options, clock, builder => Configure(builder, configuration));
        var phases = new PhaseTimer(server.Metrics, clock, logs.CreateLogger<PhaseTimer>());
        phases.Record(PhaseTimer.Process, clock.GetUtcNow() - started);
        var address = await ListenAsync(server, listen, stop);
        LogListening(logger, address, configuration.Model, configuration.Revision);
        using var journal = StepJournal.Open(TerminationLog.FilePath);
        var starter = new ModelStarter(server.Metrics, phases, clock, logs.CreateLogger<ModelStarter>(), journal);
        var model = await Task.Run(() => starter.StartAsync(configuration, arguments, stop), stop);
        server.Open(model);
        phases.Record(PhaseTimer.Total, clock.GetUtcNow() - started);
        LogReady(logger, configuration.Model);

        var stopped = Task.Delay(Timeout.Infinite, stop).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        if (await Task.WhenAny(stopped, model.EngineEnded) != stopped)
        {
            LogEngineEnded(logger, model.State);
            journal.Dispose();
            TerminationLog.Write(EngineEnd.Describe(model.State, model.EngineFault()), logger);
            await server.DrainAsync(TimeSpan.FromSeconds(1));
            return ExitCodes.EngineFailed;
        }

        var grace = TimeSpan.FromSeconds(configuration.DrainSeconds) - CloseReserve;
        await server.DrainAsync(grace > TimeSpan.Zero ? grace : TimeSpan.Zero);
        return ExitCodes.Ok;
    }

    private static async Task<Uri> ListenAsync(RuntimeServer server, IPEndPoint listen, CancellationToken stop)
    {
        try
        {
            return await server.StartAsync(stop);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new StartFailureException(StartFailureReason.ListenFailed, $"Cannot listen on {listen}: {e.Message}", e);
        }
    }

    private static void Configure(WebApplicationBuilder builder, RuntimeConfiguration configuration)
    {
        ConfigureLogs(builder.Logging);
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(EnvironmentNames.OtlpEndpoint))) return;
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("attention-runtime", serviceNamespace: configuration.Namespace, serviceInstanceId: Environment.GetEnvironmentVariable(EnvironmentNames.PodName)))
            .WithTracing(tracing => tracing.AddSource(RuntimeTracing.SourceName).AddOtlpExporter());
    }

    internal static void ConfigureLogs(ILoggingBuilder logging)
    {
        logging.AddJsonConsole(console =>
        {
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            console.UseUtcTimestamp = true;
        });
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Listening on {Address} for {Model}, revision {Revision}")]
    private static partial void LogListening(ILogger logger, Uri address, string model, string revision);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Model} is ready")]
    private static partial void LogReady(ILogger logger, string model);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopped before the model was loaded")]
    private static partial void LogStoppedEarly(ILogger logger);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Cannot start ({Reason}): {Problem}")]
    private static partial void LogFailed(ILogger logger, StartFailureReason reason, string problem);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Cannot start")]
    private static partial void LogDefect(ILogger logger, Exception e);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The engine ended, state {State}")]
    private static partial void LogEngineEnded(ILogger logger, EngineState state);
}
