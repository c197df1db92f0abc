using System.ComponentModel;
using System.Globalization;
using AttentionOperator.Sandbox.NodeAgent.Logs;
using AttentionOperator.Sandbox.NodeAgent.Pods;
using AttentionOperator.Sandbox.NodeAgent.Probes;
using AttentionOperator.Sandbox.NodeAgent.Processes;
using k8s.Models;

namespace AttentionOperator.Sandbox.NodeAgent.Containers;

/// <summary>One life of a container, from its start to its exit.</summary>
internal sealed class ContainerRun
{
    private const int StartFailed = 128;
    private readonly ContainerContext _context;
    private readonly LaunchPlan _plan;
    private readonly ContainerLog _log;
    private readonly ContainerSupervisor _owner;
    private readonly string _terminationLog;
    private bool _outOfMemory;

    public ContainerRun(ContainerContext context, LaunchPlan plan, ContainerLog log, ContainerSupervisor owner, string terminationLog)
    {
        _context = context;
        _plan = plan;
        _log = log;
        _owner = owner;
        _terminationLog = terminationLog;
    }

    private PodServices Services => _context.Services;

    private V1Container Container => _context.Container;

    private DateTime Now => Services.Time.GetUtcNow().UtcDateTime;

    public async Task<int> RunAsync(PodStop stop)
    {
        SupervisedProcess process;
        try
        {
            process = await Services.Spawner.StartAsync(_plan.Process, _log.Append).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ExecutableNotFoundException or Win32Exception)
        {
            var message = $"failed to create containerd task: {exception.Message}";
            Services.Api.Event(_context.CurrentPod(), "Warning", "Failed", $"Error: {message}", Container.Name);
            _owner.Update(s => ContainerStates.Terminated(s, StartFailed, "StartError", message, Now));
            return StartFailed;
        }

        _owner.Update(s => ContainerStates.Running(s, $"process://{process.Id.ToString(CultureInfo.InvariantCulture)}", Now));
        Services.Api.Event(_context.CurrentPod(), "Normal", "Started", $"Started container {Container.Name}", Container.Name);
        using var ended = new CancellationTokenSource();
        var probes = new ContainerProbes(_context, _plan.Target, _owner);
        var watching = probes.RunAsync(ended.Token);
        var memory = MemoryGuard.WatchAsync(process, Container, Services, () => _outOfMemory = true, ended.Token);
        var hook = PostStartAsync(stop);
        await StopWhenAskedAsync(process, probes, hook, stop).ConfigureAwait(false);
        var code = await process.Exit.ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(watching, memory).ConfigureAwait(false);
        _log.Dispose();
        var reason = _outOfMemory ? "OOMKilled" : code == 0 ? "Completed" : "Error";
        var lastWords = await TerminationMessage.ReadAsync(_terminationLog, Container.TerminationMessagePolicy, code, _log).ConfigureAwait(false);
        _owner.Update(s => ContainerStates.Terminated(s, code, reason, lastWords, Now));
        return code;
    }

    private async Task StopWhenAskedAsync(SupervisedProcess process, ContainerProbes probes, Task<ProbeResult> hook, PodStop stop)
    {
        var stopAsked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = stop.Requested.Register(() => stopAsked.TrySetResult()).ConfigureAwait(false);
        var asked = stopAsked.Task;
        var hookFailed = FailureOf(hook);
        var first = await Task.WhenAny(process.Exit, asked, probes.Unhealthy, hookFailed).ConfigureAwait(false);
        if (first == process.Exit)
        {
            return;
        }

        if (first == asked)
        {
            Services.Api.Event(_context.CurrentPod(), "Normal", "Killing", $"Stopping container {Container.Name}", Container.Name);
            await ContainerStop.GracefullyAsync(process, _context, _plan.Target, stop.Kill).ConfigureAwait(false);
            return;
        }

        var (why, grace) = first == hookFailed
            ? ($"FailedPostStartHook: {(await hook.ConfigureAwait(false)).Message}", (long?)null)
            : await probes.Unhealthy.ConfigureAwait(false);
        Services.Api.Event(_context.CurrentPod(), "Normal", "Killing", $"Container {Container.Name} {why}, will be restarted", Container.Name);
        using var limit = new CancellationTokenSource(
            TimeSpan.FromSeconds(grace ?? _context.CurrentPod().Spec.TerminationGracePeriodSeconds ?? 30), Services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop.Kill);
        await ContainerStop.GracefullyAsync(process, _context, _plan.Target, either.Token).ConfigureAwait(false);
    }

    private async Task<ProbeResult> PostStartAsync(PodStop stop)
    {
        if (Container.Lifecycle?.PostStart is not { } hook)
        {
            return new ProbeResult(true, string.Empty);
        }

        var result = await LifecycleHook.RunAsync(hook, _plan.Target, Services, stop.Kill).ConfigureAwait(false);
        if (!result.Success)
        {
            Services.Api.Event(_context.CurrentPod(), "Warning", "FailedPostStartHook", result.Message, Container.Name);
        }

        return result;
    }

    private static async Task FailureOf(Task<ProbeResult> hook)
    {
        if ((await hook.ConfigureAwait(false)).Success)
        {
            await Task.Delay(Timeout.Infinite).ConfigureAwait(false);
        }
    }
}
