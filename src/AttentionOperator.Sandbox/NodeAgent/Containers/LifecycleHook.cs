using AttentionOperator.Sandbox.NodeAgent.Pods;
using AttentionOperator.Sandbox.NodeAgent.Probes;
using k8s.Models;

namespace AttentionOperator.Sandbox.NodeAgent.Containers;

/// <summary>Runs a postStart or preStop hook: a command, an HTTP request or a pause.</summary>
internal static class LifecycleHook
{
    public static async Task<ProbeResult> RunAsync(V1LifecycleHandler hook, ContainerTarget target, PodServices services, CancellationToken cancellationToken)
    {
        try
        {
            if (hook.Exec is { } exec)
            {
                return await services.Handlers.ExecAsync(exec.Command, target, cancellationToken).ConfigureAwait(false);
            }

            if (hook.HttpGet is { } get)
            {
                return await services.Handlers.HttpAsync(get, target, cancellationToken).ConfigureAwait(false);
            }

            if (hook.Sleep is { } sleep)
            {
                await Task.Delay(TimeSpan.FromSeconds(sleep.Seconds), services.Time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            return new ProbeResult(false, "the hook did not end within the grace period");
        }
        catch (ContainerConfigurationException exception)
        {
            return new ProbeResult(false, exception.Message);
        }

        return new ProbeResult(true, string.Empty);
    }
}
