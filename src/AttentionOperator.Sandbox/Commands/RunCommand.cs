using System.Runtime.InteropServices;
using AttentionOperator.Sandbox.Hosting;
using Microsoft.Extensions.Logging;

namespace AttentionOperator.Sandbox.Commands;

/// <summary>Runs a Sandbox until it is told to stop.</summary>
internal static class RunCommand
{
    private const int Success = 0;
    private const int Failure = 1;
    private const int BadUsage = 2;

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, TextWriter output, TextWriter errors)
    {
        RunOptions options;
        try
        {
            options = RunOptions.Parse(arguments);
        }
        catch (FormatException exception)
        {
            await errors.WriteLineAsync($"attention-sandbox: {exception.Message}\n\n{RunOptions.Help}").ConfigureAwait(false);
            return BadUsage;
        }

        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, stop));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, stop));
        if (options.ExitOnInputClose)
        {
            _ = StopAtEndOfInputAsync(stop);
        }

        using var loggers = LoggerFactory.Create(logging => logging
            .AddSimpleConsole(console => console.SingleLine = true)
            .SetMinimumLevel(options.Verbose ? LogLevel.Information : LogLevel.Error));
        try
        {
            await using var host = await SandboxHost.StartAsync(options.Settings, loggers, TimeProvider.System, stop.Token).ConfigureAwait(false);
            await output.WriteLineAsync($"API server: {host.Uri.ToString().TrimEnd('/')}\nkubeconfig: {host.KubeConfig}\n\n  export KUBECONFIG={host.KubeConfig}\n").ConfigureAwait(false);
            if (options.ReadyFile is { } file)
            {
                await WriteReadyFileAsync(file, host.Uri).ConfigureAwait(false);
            }

            await UntilCancelledAsync(stop.Token).ConfigureAwait(false);
            return Success;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return Success;
        }
        catch (Exception exception) when (exception is IOException or FormatException or Kube.Client.KubeApiException or InvalidOperationException)
        {
            await errors.WriteLineAsync($"attention-sandbox: {exception.Message}").ConfigureAwait(false);
            return Failure;
        }
    }

    private static async Task StopAtEndOfInputAsync(CancellationTokenSource stop)
    {
        await using var input = Console.OpenStandardInput();
        var buffer = new byte[256];
        try
        {
            while (await input.ReadAsync(buffer).ConfigureAwait(false) > 0)
            {
            }

            await stop.CancelAsync().ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The Sandbox has stopped by itself.
        }
    }

    // Whoever waits for the file must never see it half written.
    private static async Task WriteReadyFileAsync(string path, Uri uri)
    {
        var full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        await File.WriteAllTextAsync(full + ".next", uri.ToString().TrimEnd('/') + "\n").ConfigureAwait(false);
        File.Move(full + ".next", full, overwrite: true);
    }

    private static void Stop(PosixSignalContext context, CancellationTokenSource stop)
    {
        context.Cancel = true;
        stop.Cancel();
    }

    private static async Task UntilCancelledAsync(CancellationToken cancellationToken)
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = cancellationToken.Register(() => cancelled.TrySetResult()).ConfigureAwait(false);
        await cancelled.Task.ConfigureAwait(false);
    }
}
