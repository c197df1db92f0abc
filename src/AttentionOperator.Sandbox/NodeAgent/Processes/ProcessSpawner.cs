using System.Collections.Concurrent;
using System.Diagnostics;

namespace AttentionOperator.Sandbox.NodeAgent.Processes;

/// <summary>
/// Starts processes that cannot outlive the Sandbox. Each becomes the leader of its own session (a Ctrl-C in the terminal reaches only the
/// Sandbox, which then stops its pods in order) and asks the kernel for SIGKILL when its parent dies.
/// </summary>
/// <remarks>
/// The parent-death signal is tied to the thread that forked, not to the process, so every start happens on one thread that lives as long as
/// the spawner; a pool thread that retires would take its children with it.
/// </remarks>
internal sealed class ProcessSpawner : IDisposable
{
    private readonly BlockingCollection<Action> _starts = [];
    private readonly ConcurrentDictionary<int, SupervisedProcess> _running = new();
    private readonly GroupWatchdog _watchdog = new();
    private readonly Thread _thread;

    public ProcessSpawner()
    {
        _thread = new Thread(Work) { IsBackground = true, Name = "process-spawner" };
        _thread.Start();
    }

    /// <summary>Processes that have been started and not yet been reaped.</summary>
    public int RunningCount => _running.Count;

    /// <summary>Starts the process.</summary>
    /// <exception cref="ExecutableNotFoundException">The program is not there or may not be executed.</exception>
    public Task<SupervisedProcess> StartAsync(ProcessSpecification specification, Action<OutputChannel, string> onLine)
    {
        var program = ExecutablePath.Resolve(specification.FileName, specification.Environment, specification.WorkingDirectory);
        var completion = new TaskCompletionSource<SupervisedProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        _starts.Add(() =>
        {
            try
            {
                completion.SetResult(Start(specification, program, onLine));
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                completion.SetException(exception);
            }
        });
        return completion.Task;
    }

    public void Dispose()
    {
        foreach (var process in _running.Values)
        {
            process.KillGroup();
        }

        _starts.CompleteAdding();
        _thread.Join();
        _watchdog.Dispose();
        _starts.Dispose();
    }

    private void Work()
    {
        foreach (var start in _starts.GetConsumingEnumerable())
        {
            start();
        }
    }

    private SupervisedProcess Start(ProcessSpecification specification, string program, Action<OutputChannel, string> onLine)
    {
        var start = new ProcessStartInfo("setpriv")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = specification.WorkingDirectory,
        };
        foreach (var argument in (string[])["--pdeathsig", "KILL", "setsid", program])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var argument in specification.Arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        foreach (var (name, value) in specification.Environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"'{program}' did not start.");
        process.StandardInput.Close();
        _watchdog.Add(process.Id);
        var supervised = new SupervisedProcess(process, onLine, Forget);
        _running[process.Id] = supervised;
        supervised.Begin();
        return supervised;
    }

    private void Forget(SupervisedProcess process)
    {
        _running.TryRemove(process.Id, out _);
        _watchdog.Remove(process.Id);
    }
}
