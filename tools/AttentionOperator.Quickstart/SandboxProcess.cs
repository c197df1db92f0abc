using System.Diagnostics;

namespace AttentionOperator.Quickstart;

/// <summary>The Sandbox as a child process. Its output goes to a file; it ends with this process and on <see cref="DisposeAsync"/>.</summary>
internal sealed class SandboxProcess : IAsyncDisposable
{
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(45);
    private readonly Process _process;
    private readonly StreamWriter _log;

    private SandboxProcess(Process process, StreamWriter log, string logPath)
    {
        _process = process;
        _log = log;
        LogPath = logPath;
        process.OutputDataReceived += (_, e) => Write(e.Data);
        process.ErrorDataReceived += (_, e) => Write(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string LogPath { get; }

    public int Id => _process.Id;

    public Task Exited => _process.WaitForExitAsync();

    public static SandboxProcess Start(QuickstartPaths paths)
    {
        if (!File.Exists(paths.SandboxProgram)) throw new QuickstartException($"{paths.SandboxProgram} does not exist. Build first: make build");
        Directory.CreateDirectory(paths.State);
        File.Delete(paths.ReadyFile);
        var start = new ProcessStartInfo(paths.SandboxProgram) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in new[]
        {
            // Standard input is a pipe that closes when this process ends, however it ends.
            "run", "--exit-on-stdin-close", "--kubeconfig", paths.KubeConfig, "--ready-file", paths.ReadyFile, "--volume", $"models={paths.Models}",
        }.Concat(paths.Manifests.SelectMany(m => new[] { "--apply", m }))) start.ArgumentList.Add(argument);
        var logPath = Path.Combine(paths.State, "sandbox.log");
        return new SandboxProcess(Process.Start(start)!, new StreamWriter(logPath) { AutoFlush = true }, logPath);
    }

    /// <summary>Completes when the Sandbox has said that it is ready.</summary>
    public async Task WaitForReadyAsync(string readyFile, CancellationToken cancellation)
    {
        using var watcher = new FileSystemWatcher(Path.GetDirectoryName(readyFile)!, Path.GetFileName(readyFile));
        var appeared = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        watcher.Created += (_, _) => appeared.TrySetResult();
        watcher.Renamed += (_, _) => appeared.TrySetResult();
        watcher.EnableRaisingEvents = true;
        if (File.Exists(readyFile)) return;
        var first = await Task.WhenAny(appeared.Task, Exited, Task.Delay(ReadyTimeout, cancellation));
        cancellation.ThrowIfCancellationRequested();
        if (first != appeared.Task) throw new QuickstartException($"The Sandbox did not start. Its log: {LogPath}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync();
            using var timeout = new CancellationTokenSource(StopTimeout);
            try
            {
                await _process.WaitForExitAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        _process.Dispose();
        await _log.DisposeAsync();
    }

    private void Write(string? line)
    {
        if (line is null) return;
        lock (_log) _log.WriteLine(line);
    }
}
