namespace AttentionOperator.Kube.Events;

/// <summary>Bounds on what the recorder sends. The defaults are those of client-go.</summary>
public sealed class EventOptions
{
    /// <summary>The controller's name: the source column of <c>kubectl describe</c>.</summary>
    public required string Component { get; init; }

    /// <summary>Which instance of it, usually the pod's name.</summary>
    public string Instance { get; init; } = "";

    /// <summary>Repetitions within this time raise the count of one event.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Different messages of one reason on one object within the window; further ones are combined into one event.</summary>
    public int MaxSimilar { get; init; } = 10;

    /// <summary>Events per object before the rate below applies.</summary>
    public int Burst { get; init; } = 25;

    public TimeSpan RefillInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Objects and series that are remembered; the oldest are forgotten first.</summary>
    public int MaxRemembered { get; init; } = 4_096;

    /// <summary>Events that wait to be sent; further ones are dropped and counted, because a reconcile never waits for an event.</summary>
    public int QueueLength { get; init; } = 1_000;
}
