namespace AttentionOperator.Kube.Informers;

/// <summary>Cancels what it watches when nothing has come for a while.</summary>
internal sealed class Watchdog : IDisposable
{
    private readonly CancellationTokenSource source;
    private readonly ITimer timer;
    private volatile bool barked;

    public Watchdog(TimeSpan limit, TimeProvider time, CancellationToken cancellation)
    {
        Limit = limit;
        source = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timer = time.CreateTimer(
            _ =>
            {
                barked = true;
                source.Cancel();
            },
            null,
            limit,
            Timeout.InfiniteTimeSpan);
    }

    public TimeSpan Limit { get; set; }

    public CancellationToken Token => source.Token;

    public bool HasBarked => barked;

    public void Reset() => timer.Change(Limit, Timeout.InfiniteTimeSpan);

    public void Dispose()
    {
        timer.Dispose();
        source.Dispose();
    }
}
