using AttentionOperator.Sandbox.NodeAgent.Pods;
using AttentionOperator.Sandbox.NodeAgent.Probes;
using k8s.Models;

namespace AttentionOperator.Sandbox.NodeAgent.Containers;

/// <summary>A running container's probes: the startup probe alone first, then readiness and liveness side by side.</summary>
internal sealed class ContainerProbes(ContainerContext context, ContainerTarget target, ContainerSupervisor owner)
{
    private const int DefaultPeriodSeconds = 10;
    private const int DefaultTimeoutSeconds = 1;
    private const int DefaultFailureThreshold = 3;
    private readonly TaskCompletionSource<(string, long?)> _unhealthy = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the reason and the probe's own grace period when the container has to be restarted.</summary>
    public Task<(string Why, long? GraceSeconds)> Unhealthy => _unhealthy.Task;

    private PodServices Services => context.Services;

    public async Task RunAsync(CancellationToken ended)
    {
        var container = context.Container;
        try
        {
            var startedAt = Services.Time.GetUtcNow();
            if (container.StartupProbe is { } startup)
            {
                await RepeatAsync(ProbeKind.Startup, startup, startedAt, ended).ConfigureAwait(false);
                if (_unhealthy.Task.IsCompleted)
                {
                    return;
                }
            }

            owner.Update(s => s with { Started = true, Ready = container.ReadinessProbe is null });
            await Task.WhenAll(
                container.ReadinessProbe is { } readiness ? RepeatAsync(ProbeKind.Readiness, readiness, startedAt, ended) : Task.CompletedTask,
                container.LivenessProbe is { } liveness ? RepeatAsync(ProbeKind.Liveness, liveness, startedAt, ended) : Task.CompletedTask).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The container ended.
        }
    }

    // Ends at the verdict that the kind of probe waits for; readiness never ends by itself.
    private async Task RepeatAsync(ProbeKind kind, V1Probe probe, DateTimeOffset startedAt, CancellationToken ended)
    {
        var due = startedAt + TimeSpan.FromSeconds(probe.InitialDelaySeconds ?? 0) - Services.Time.GetUtcNow();
        if (due > TimeSpan.Zero)
        {
            await Task.Delay(due, Services.Time, ended).ConfigureAwait(false);
        }

        var period = TimeSpan.FromSeconds(Math.Max(1, probe.PeriodSeconds ?? DefaultPeriodSeconds));
        var tracker = default(ProbeTracker);
        while (true)
        {
            var result = await OnceAsync(probe, ended).ConfigureAwait(false);
            ended.ThrowIfCancellationRequested();
            tracker = tracker.Observe(result.Success, probe.SuccessThreshold ?? 1, probe.FailureThreshold ?? DefaultFailureThreshold);
            if (!result.Success)
            {
                Services.Api.Event(context.CurrentPod(), "Warning", "Unhealthy", $"{kind} probe failed: {result.Message}", context.Container.Name);
            }

            if (Conclude(kind, probe, tracker))
            {
                return;
            }

            await Task.Delay(period, Services.Time, ended).ConfigureAwait(false);
        }
    }

    private bool Conclude(ProbeKind kind, V1Probe probe, ProbeTracker tracker)
    {
        switch (kind, tracker.Verdict)
        {
            case (ProbeKind.Readiness, { } ready):
                if (owner.Status.Ready != ready)
                {
                    owner.Update(s => s with { Ready = ready });
                }

                return false;
            case (ProbeKind.Startup, true):
                return true;
            case (ProbeKind.Startup or ProbeKind.Liveness, false):
                var name = kind == ProbeKind.Startup ? "startup" : "liveness";
                _unhealthy.TrySetResult(($"failed {name} probe", probe.TerminationGracePeriodSeconds));
                return true;
            default:
                return false;
        }
    }

    private async Task<ProbeResult> OnceAsync(V1Probe probe, CancellationToken ended)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(Math.Max(1, probe.TimeoutSeconds ?? DefaultTimeoutSeconds)), Services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ended);
        try
        {
            if (probe.HttpGet is { } http)
            {
                return await Services.Handlers.HttpAsync(http, target, either.Token).ConfigureAwait(false);
            }

            if (probe.TcpSocket is { } tcp)
            {
                return await HandlerRunner.TcpAsync(tcp, target, either.Token).ConfigureAwait(false);
            }

            return probe.Exec is { } exec
                ? await Services.Handlers.ExecAsync(exec.Command, target, either.Token).ConfigureAwait(false)
                : new ProbeResult(false, "the Sandbox has httpGet, tcpSocket and exec probes only");
        }
        catch (ContainerConfigurationException exception)
        {
            return new ProbeResult(false, exception.Message);
        }
    }
}
