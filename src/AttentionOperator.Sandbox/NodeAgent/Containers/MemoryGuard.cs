using System.Globalization;
using AttentionOperator.Sandbox.NodeAgent.Pods;
using AttentionOperator.Sandbox.NodeAgent.Processes;
using k8s.Models;

namespace AttentionOperator.Sandbox.NodeAgent.Containers;

/// <summary>Kills a container whose resident memory exceeds its limit, in place of the control group that a node would have.</summary>
internal static class MemoryGuard
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    public static async Task WatchAsync(SupervisedProcess process, V1Container container, PodServices services, Action exceeded, CancellationToken cancellationToken)
    {
        if (!services.Node.EnforceMemoryLimits || container.Resources?.Limits?.TryGetValue("memory", out var quantity) != true)
        {
            return;
        }

        var limit = quantity!.ToDecimal();
        using var timer = new PeriodicTimer(Period, services.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                if (ResidentBytes(process.Id) > limit)
                {
                    exceeded();
                    process.KillGroup();
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The container ended.
        }
    }

    /// <summary>Resident bytes of a process and of all that it started.</summary>
    public static long ResidentBytes(int processId)
    {
        try
        {
            var pages = File.ReadAllText($"/proc/{processId}/statm").Split(' ')[1];
            var own = long.Parse(pages, CultureInfo.InvariantCulture) * Environment.SystemPageSize;
            return own + Directory.EnumerateDirectories($"/proc/{processId}/task")
                .SelectMany(task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Sum(child => ResidentBytes(int.Parse(child, CultureInfo.InvariantCulture)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The process, or one of its threads, ended while it was looked at.
            return 0;
        }
    }
}
