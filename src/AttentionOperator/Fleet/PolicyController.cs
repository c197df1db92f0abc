using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Metrics;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Kube.Queues;

namespace AttentionOperator.Fleet;

/// <summary>The loop that publishes policies' use.</summary>
internal sealed class PolicyController(PolicyReconciler reconciler, ILogger<Controller<ObjectKey>> logger, KubeMetrics metrics) : IDisposable
{
    private readonly Controller<ObjectKey> controller = new(reconciler, new ControllerOptions { Name = "policy", Workers = 1 }, logger, metrics: metrics);

    public WorkQueue<ObjectKey> Queue => controller.Queue;

    public Task RunAsync(CancellationToken cancellation) => controller.RunAsync(cancellation);

    public void Dispose() => controller.Dispose();
}
