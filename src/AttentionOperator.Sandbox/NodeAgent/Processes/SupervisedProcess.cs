using System.Diagnostics;

namespace AttentionOperator.Sandbox.NodeAgent.Processes;

/// <summary>A started process, the leader of its own group, with its output read line by line.</summary>
internal sealed class SupervisedProcess
{
    // A line that never ends must not grow without bound; container runtimes split at 16 KiB as well.
    private const int MaximumLineLength = 16 * 1024;
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly Action<OutputChannel, string> _onLine;
    private readonly Action<SupervisedProcess> _onReaped;
    private readonly TaskCompletionSource<int> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SupervisedProcess(Process process, Action<OutputChannel, string> onLine, Action<SupervisedProcess> onReaped)
    {
        _process = process;
        _onLine = onLine;
        _onReaped = onReaped;
        Id = process.Id;
    }

    /// <summary>The process id, which is also its group's and its session's.</summary>
    public int Id { get; }

    /// <summary>Completes with the exit code, 128 + n for signal n, once the process is reaped, its group killed and its output read.</summary>
    public Task<int> Exit => _exit.Task;

    public void Begin() => _ = SuperviseAsync();

    /// <summary>Signals the leader only, as a container runtime signals process 1.</summary>
    public void Signal(int signal) => UnixSignal.Send(Id, signal);

    public void KillGroup()
    {
        // Until it has called setsid the process is still in the Sandbox's group and can only be reached by its own id.
        UnixSignal.SendToGroup(Id, UnixSignal.Kill);
        if (!_exit.Task.IsCompleted)
        {
            UnixSignal.Send(Id, UnixSignal.Kill);
        }
    }

    private async Task SuperviseAsync()
    {
        var output = ReadAsync(_process.StandardOutput, OutputChannel.Output);
        var error = ReadAsync(_process.StandardError, OutputChannel.Error);
        await _process.WaitForExitAsync().ConfigureAwait(false);
        var code = _process.ExitCode;

        // What the leader leaves behind dies with it, as in a container whose process 1 has ended.
        UnixSignal.SendToGroup(Id, UnixSignal.Kill);
        await Task.WhenAny(Task.WhenAll(output, error), Task.Delay(DrainLimit)).ConfigureAwait(false);
        _onReaped(this);
        _process.Dispose();
        _exit.TrySetResult(code);
    }

    private async Task ReadAsync(StreamReader reader, OutputChannel channel)
    {
        try
        {
            var buffer = new char[4096];
            var line = new System.Text.StringBuilder();
            int read;
            while ((read = await reader.ReadAsync(buffer).ConfigureAwait(false)) > 0)
            {
                Split(buffer.AsSpan(0, read), line, channel);
            }

            if (line.Length > 0)
            {
                _onLine(channel, line.ToString());
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The pipe goes with the process.
        }
    }

    private void Split(ReadOnlySpan<char> text, System.Text.StringBuilder line, OutputChannel channel)
    {
        while (text.Length > 0)
        {
            var end = text.IndexOf('\n');
            var part = end < 0 ? text : text[..end];
            line.Append(part);
            if (end >= 0 || line.Length >= MaximumLineLength)
            {
                _onLine(channel, line.ToString());
                line.Clear();
            }

            text = end < 0 ? [] : text[(end + 1)..];
        }
    }
}
