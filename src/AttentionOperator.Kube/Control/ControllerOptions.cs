using AttentionOperator.Kube.Queues;

namespace AttentionOperator.Kube.Control;

/// <summary>How a controller works its queue.</summary>
public sealed class ControllerOptions
{
    /// <summary>Label of metrics and logs.</summary>
    public required string Name { get; init; }

    public int Workers { get; init; } = 4;

    public WorkQueueOptions Queue { get; init; } = new();

    /// <summary>Cancels a reconcile that takes longer; it then counts as failed and backs off.</summary>
    public TimeSpan ReconcileTimeout { get; init; } = TimeSpan.FromMinutes(2);
}
