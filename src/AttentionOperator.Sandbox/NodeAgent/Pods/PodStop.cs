namespace AttentionOperator.Sandbox.NodeAgent.Pods;

/// <summary>
/// The end of a pod: asked for once, with a grace period after which what still runs is killed. A later request may shorten the grace period, never lengthen it.
/// </summary>
internal sealed class PodStop(TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _requested = new();
    private readonly CancellationTokenSource _kill = new();
    private ITimer? _timer;
    private bool _disposed;
    private DateTimeOffset _deadline = DateTimeOffset.MaxValue;

    public CancellationToken Requested => _requested.Token;

    public CancellationToken Kill => _kill.Token;

    public void Request(TimeSpan grace)
    {
        lock (_gate)
        {
            var deadline = time.GetUtcNow() + grace;
            if (_disposed || deadline >= _deadline)
            {
                return;
            }

            _deadline = deadline;
            _timer?.Dispose();
            _timer = time.CreateTimer(_ => CancelQuietly(_kill), null, grace, Timeout.InfiniteTimeSpan);
        }

        CancelQuietly(_requested);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _timer?.Dispose();
        }

        _requested.Dispose();
        _kill.Dispose();
    }

    private static void CancelQuietly(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The pod ended in the meantime.
        }
    }
}
