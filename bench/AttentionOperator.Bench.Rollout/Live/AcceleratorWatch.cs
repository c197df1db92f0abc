using k8s;

namespace AttentionOperator.Bench.Rollout.Live;

/// <summary>Watches how many accelerators the pods of each model hold: from when they are placed on a node until they are gone.</summary>
internal sealed class AcceleratorWatch(SandboxProcess sandbox)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>The most that any model held at once.</summary>
    public long Peak { get; private set; }

    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            var pods = await sandbox.Client.CoreV1.ListNamespacedPodAsync("default", cancellationToken: CancellationToken.None);
            var held = pods.Items
                .Where(pod => pod.Spec.NodeName is not null && pod.Status?.Phase is not ("Succeeded" or "Failed"))
                .GroupBy(pod => pod.Metadata.Labels["attentionoperator.io/model"], StringComparer.Ordinal)
                .Select(pods => pods.Sum(pod => pod.Spec.Containers.Sum(container => container.Resources?.Limits?.Where(limit => limit.Key.EndsWith("/gpu", StringComparison.Ordinal)).Sum(limit => limit.Value.ToInt64()) ?? 0)))
                .DefaultIfEmpty(0)
                .Max();
            Peak = Math.Max(Peak, held);
            await Task.Delay(Interval, CancellationToken.None);
        }
    }
}
