using AttentionOperator.Sandbox.NodeAgent.Processes;

namespace AttentionOperator.Sandbox.NodeAgent.Containers;

/// <summary>The end of a container's process: its preStop hook, then its stop signal, then, when the grace period is over, SIGKILL.</summary>
internal static class ContainerStop
{
    public static async Task GracefullyAsync(SupervisedProcess process, ContainerContext context, ContainerTarget target, CancellationToken kill)
    {
        if (context.Container.Lifecycle?.PreStop is { } hook && !process.Exit.IsCompleted)
        {
            var running = LifecycleHook.RunAsync(hook, target, context.Services, kill);
            await Task.WhenAny(process.Exit, running).ConfigureAwait(false);
            if (running.IsCompleted && await running.ConfigureAwait(false) is { Success: false } failed)
            {
                context.Services.Api.Event(context.CurrentPod(), "Warning", "FailedPreStopHook", failed.Message, context.Container.Name);
            }
        }

        process.Signal(UnixSignal.Parse(context.Container.Lifecycle?.StopSignal));
        try
        {
            await process.Exit.WaitAsync(kill).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.KillGroup();
            await process.Exit.ConfigureAwait(false);
        }
    }
}
