using System.Net.Sockets;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Api.Values;
using AttentionOperator.Runtime.Startup;

namespace AttentionOperator.Runtime.Fetch;

/// <summary><c>attention-runtime fetch</c>: brings an artifact into the cache and prints its directory.</summary>
internal sealed partial class FetchCommand(string uri, string cache, string? digest, string? maxSize, string? link, string? listen, TimeProvider clock)
{
    public async Task<int> RunAsync()
    {
        using var stop = new StopSignal();
        using var logs = LoggerFactory.Create(builder =>
        {
            ServeCommand.ConfigureLogs(builder);
            // Standard output is the answer.
            builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(o => o.LogToStandardErrorThreshold = LogLevel.Trace);
        });
        var logger = logs.CreateLogger<FetchCommand>();
        try
        {
            var options = new FetchOptions { MaxCacheBytes = maxSize is null ? null : Quantities.ParseBytes(maxSize) };
            using var source = ArtifactSources.Create(uri, Environment.GetEnvironmentVariable);
            var tracker = new FetchTracker(source.Name, clock, logger);
            await using var progress = listen is null ? null : await ListenAsync(listen, tracker, stop.Token);
            if (progress is not null) LogListening(logger, progress.Address);
            var directory = await new ArtifactCache(cache, options, clock, logger, tracker).FetchAsync(source, digest, stop.Token);
            if (link is not null) DirectoryLink.Point(link, directory);
            Console.WriteLine(directory);
            return ExitCodes.Ok;
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            // What was downloaded stays; the next fetch goes on from there.
            return ExitCodes.Interrupted;
        }
        catch (StartFailureException e)
        {
            LogFailed(logger, e.Message);
            TerminationLog.Write(new TerminationMessage(e.Reason, e.Message), logger);
            return ExitCodes.StartFailed;
        }
        catch (Exception e) when (e is FetchException or FormatException or IOException or UnauthorizedAccessException)
        {
            LogFailed(logger, e.Message);
            TerminationLog.Write(new TerminationMessage((e as FetchException)?.Reason ?? StartFailureReason.FetchFailed, e.Message), logger);
            return ExitCodes.StartFailed;
        }
    }

    /// <summary>An empty address is the pod's own, as for serving.</summary>
    private static async Task<ProgressServer> ListenAsync(string listen, FetchTracker tracker, CancellationToken stop)
    {
        var address = ListenAddress.Resolve(listen, Environment.GetEnvironmentVariable(EnvironmentNames.PodIp));
        try
        {
            return await ProgressServer.StartAsync(address, () => tracker.Progress, stop);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new StartFailureException(StartFailureReason.ListenFailed, $"Cannot listen on {address}: {e.Message}", e);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Listening on {Address}")]
    private static partial void LogListening(ILogger logger, Uri address);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Cannot fetch: {Problem}")]
    private static partial void LogFailed(ILogger logger, string problem);
}
