namespace AttentionOperator.Kube.Queues;

/// <summary>Pace of a work queue.</summary>
public sealed class WorkQueueOptions
{
    /// <summary>Wait before the first retry of a key; doubles with each further one.</summary>
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromMilliseconds(50);

    public TimeSpan LongestRetry { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Retries per second over all keys, after the burst is spent.</summary>
    public double RetriesPerSecond { get; set; } = 50;

    public int RetryBurst { get; set; } = 200;

    /// <summary>A background key that has waited this long goes before live ones, so that steady live traffic cannot starve a resync.</summary>
    public TimeSpan BackgroundPatience { get; set; } = TimeSpan.FromSeconds(30);
}
