namespace AttentionOperator.Gateway.Queueing;

/// <summary>
/// How long a model takes from the first request that finds no ready replica until one is ready, as this gateway saw it, and so when to come back while it starts.
/// Thread-safe.
/// </summary>
internal sealed class ColdStartClock(TimeProvider time)
{
    /// <summary>The longest that clients are told: what takes longer is not a start that anybody should wait for without looking.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private const int Remembered = 3;
    private readonly Lock _lock = new();
    private readonly Queue<TimeSpan> _starts = new();
    private long? _since;

    /// <summary>A request found no ready replica.</summary>
    public void Asked()
    {
        lock (_lock) _since ??= time.GetTimestamp();
    }

    /// <summary>A replica is ready.</summary>
    public void Started()
    {
        lock (_lock)
        {
            if (_since is not { } since) return;
            var took = time.GetElapsedTime(since);
            _since = null;
            _starts.Enqueue(took < Longest ? took : Longest);
            if (_starts.Count > Remembered) _starts.Dequeue();
        }
    }

    /// <summary>
    /// When the replica that starts now is likely to be ready: the longest of the last starts, less what has passed of this one. One that is late already is asked
    /// after in a quarter of that, so that clients neither knock every second nor sleep through it.
    /// </summary>
    /// <param name="otherwise">Where no start was seen yet, or none goes on.</param>
    public TimeSpan RetryAfter(TimeSpan otherwise)
    {
        lock (_lock)
        {
            if (_since is not { } since || _starts.Count == 0) return otherwise;
            var expected = _starts.Max();
            var left = expected - time.GetElapsedTime(since);
            var least = expected / 4 > Shortest ? expected / 4 : Shortest;
            return left > least ? left : least;
        }
    }
}
