using System.Globalization;
using AttentionOperator.Kube.Client;
using AttentionOperator.Sandbox.NodeAgent.Logs;
using AttentionOperator.Sandbox.NodeAgent.Pods;
using k8s.Models;

namespace AttentionOperator.Sandbox.NodeAgent.Containers;

/// <summary>Keeps one container running as its pod's restart policy says, until it is done or the pod stops.</summary>
internal sealed class ContainerSupervisor
{
    private static readonly TimeSpan ConfigurationRetry = TimeSpan.FromSeconds(2);
    private readonly Lock _gate = new();
    private readonly ContainerContext _context;
    private readonly Action _changed;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RestartBackoff _backoff;
    private volatile V1ContainerStatus _status;

    public ContainerSupervisor(ContainerContext context, V1ContainerStatus initial, Action changed)
    {
        _context = context;
        _status = initial;
        _changed = changed;
    }

    public V1ContainerStatus Status => _status;

    /// <summary>The run whose log is <c>kubectl logs</c>'s, and the one before it.</summary>
    public ContainerLog? CurrentLog { get; private set; }

    public ContainerLog? PreviousLog { get; private set; }

    /// <summary>Completes when the container has passed its startup probe for the first time.</summary>
    public Task Started => _started.Task;

    private V1Pod Pod => _context.CurrentPod();

    /// <summary>Runs to the end; the result is the last exit code, or null where the container never ran.</summary>
    public async Task<int?> RunAsync(PodStop stop)
    {
        int? last = null;
        while (!stop.Requested.IsCancellationRequested)
        {
            if (await StartAsync(stop).ConfigureAwait(false) is not { } run)
            {
                break;
            }

            last = await run.ConfigureAwait(false);
            if (stop.Requested.IsCancellationRequested || !_context.Restarts(last.Value))
            {
                break;
            }

            (var wait, _backoff) = _backoff.AfterExit(_context.Services.Time.GetUtcNow());
            if (wait > TimeSpan.Zero)
            {
                await BackOffAsync(wait, stop).ConfigureAwait(false);
            }
        }

        return last;
    }

    internal void Update(Func<V1ContainerStatus, V1ContainerStatus> change)
    {
        lock (_gate)
        {
            _status = change(_status);
        }

        if (_status.Started == true)
        {
            _started.TrySetResult();
        }

        _changed();
    }

    // Null when the pod was stopped before the container could be started.
    private async Task<Task<int>?> StartAsync(PodStop stop)
    {
        var attempts = 0;
        while (!stop.Requested.IsCancellationRequested)
        {
            try
            {
                return Task.FromResult(await RunOnceAsync(stop).ConfigureAwait(false));
            }
            catch (ContainerConfigurationException exception)
            {
                _context.Services.Api.Event(Pod, "Warning", "Failed", exception.Message, _context.Container.Name);
                // kubectl users know the pair: the error once, then the back-off.
                var reason = exception.Reason == "ErrImagePull" && attempts > 0 ? "ImagePullBackOff" : exception.Reason;
                Update(s => ContainerStates.Waiting(s, reason, exception.Message));
            }
            catch (OperationCanceledException) when (stop.Requested.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception) when (exception is KubeApiException or HttpRequestException or IOException or UnauthorizedAccessException)
            {
                _context.Services.Api.Event(Pod, "Warning", "Failed", $"Error: {exception.Message}", _context.Container.Name);
                Update(s => ContainerStates.Waiting(s, "CreateContainerError", exception.Message));
            }

            attempts++;
            var delay = TimeSpan.FromSeconds(Math.Min(ConfigurationRetry.TotalSeconds * attempts, 60));
            await DelayAsync(delay, stop).ConfigureAwait(false);
        }

        return null;
    }

    private async Task<int> RunOnceAsync(PodStop stop)
    {
        Directory.CreateDirectory(_context.Directory);
        var terminationLog = Path.Combine(_context.Directory, "termination-log");
        var plan = await LaunchPlanner.PlanAsync(_context, terminationLog, stop.Requested).ConfigureAwait(false);
        await File.WriteAllTextAsync(terminationLog, string.Empty, CancellationToken.None).ConfigureAwait(false);
        if (_status.State?.Terminated is not null)
        {
            Update(s => s with { RestartCount = s.RestartCount + 1 });
        }

        var log = NextLog();
        try
        {
            var run = new ContainerRun(_context, plan, log, this, terminationLog);
            return await run.RunAsync(stop).ConfigureAwait(false);
        }
        finally
        {
            log.Dispose();
        }
    }

    private ContainerLog NextLog()
    {
        if (PreviousLog is { } old)
        {
            File.Delete(old.Path);
            File.Delete(old.RotatedPath);
        }

        PreviousLog = CurrentLog;
        return CurrentLog = _context.OpenLog(_status.RestartCount);
    }

    private async Task BackOffAsync(TimeSpan wait, PodStop stop)
    {
        var pod = Pod;
        var seconds = wait.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        var message = $"back-off {seconds}s restarting failed container={_context.Container.Name} pod={pod.Metadata.Name}_{pod.Metadata.NamespaceProperty}({pod.Metadata.Uid})";
        _context.Services.Api.Event(pod, "Warning", "BackOff", $"Back-off restarting failed container {_context.Container.Name} in pod {pod.Metadata.Name}_{pod.Metadata.NamespaceProperty}({pod.Metadata.Uid})", _context.Container.Name);

        // The restart count goes up with the start, not with the wait: the terminated state is kept aside until then.
        var ended = _status.State;
        Update(s => ContainerStates.Waiting(s, "CrashLoopBackOff", message));
        await DelayAsync(wait, stop).ConfigureAwait(false);
        if (!stop.Requested.IsCancellationRequested)
        {
            Update(s => s with { RestartCount = s.RestartCount + 1 });
        }
        else
        {
            Update(s => s with { State = ended });
        }
    }

    private async Task DelayAsync(TimeSpan delay, PodStop stop)
    {
        try
        {
            await Task.Delay(delay, _context.Services.Time, stop.Requested).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The loop sees the stop.
        }
    }
}
