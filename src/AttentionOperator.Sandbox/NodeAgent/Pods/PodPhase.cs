using k8s.Models;

namespace AttentionOperator.Sandbox.NodeAgent.Pods;

/// <summary>A pod's phase from the states of its containers, by the kubelet's rules.</summary>
internal static class PodPhase
{
    public const string Pending = "Pending";
    public const string Running = "Running";
    public const string Succeeded = "Succeeded";
    public const string Failed = "Failed";

    public static bool IsFinal(string? phase) => phase is Succeeded or Failed;

    /// <param name="restartPolicy">The pod's restart policy; null means Always.</param>
    /// <param name="init">Init containers that have to end, without sidecars, in order.</param>
    /// <param name="containers">The containers proper.</param>
    /// <param name="terminal">The pod is being stopped for good: nothing restarts any more whatever the policy says.</param>
    public static string Of(string? restartPolicy, IReadOnlyList<V1ContainerStatus> init, IReadOnlyList<V1ContainerStatus> containers, bool terminal)
    {
        if (init.Any(s => s.State?.Terminated is { ExitCode: not 0 }) && (restartPolicy == "Never" || terminal))
        {
            return Failed;
        }

        if (!terminal && init.Any(s => s.State?.Terminated is not { ExitCode: 0 }))
        {
            return Pending;
        }

        int waiting = 0, running = 0, stopped = 0, succeeded = 0;
        foreach (var status in containers)
        {
            if (status.State?.Running is not null)
            {
                running++;
            }
            else if ((status.State?.Terminated ?? status.LastState?.Terminated) is { } terminated)
            {
                stopped++;
                succeeded += status.State?.Terminated is not null && terminated.ExitCode == 0 ? 1 : 0;
            }
            else
            {
                waiting++;
            }
        }

        if (waiting > 0)
        {
            return terminal ? Failed : Pending;
        }

        if (running > 0)
        {
            return Running;
        }

        if (!terminal && (restartPolicy ?? "Always") == "Always")
        {
            return Running;
        }

        return stopped == succeeded ? Succeeded : terminal || restartPolicy == "Never" ? Failed : Running;
    }
}
