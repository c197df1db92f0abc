namespace AttentionOperator.Kube.Queues;

/// <summary>
/// A token bucket that hands out reservations: each caller learns how long it has to wait for its token, in the order of the calls.
/// Tokens may go negative; the debt is the waiting line.
/// </summary>
public sealed class TokenBucket
{
    private readonly double ratePerSecond;
    private readonly double burst;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private double tokens;
    private long updated;

    public TokenBucket(double ratePerSecond, int burst, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ratePerSecond);
        ArgumentOutOfRangeException.ThrowIfLessThan(burst, 1);
        ArgumentNullException.ThrowIfNull(time);
        this.ratePerSecond = ratePerSecond;
        this.burst = burst;
        this.time = time;
        tokens = burst;
        updated = time.GetTimestamp();
    }

    /// <summary>Takes a token, now or in the future; returns the time until it is there.</summary>
    public TimeSpan Reserve()
    {
        lock (gate)
        {
            Refill_NeedsLock();
            tokens -= 1;
            return tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-tokens / ratePerSecond);
        }
    }

    /// <summary>Takes a token only if there is one now.</summary>
    public bool TryTake()
    {
        lock (gate)
        {
            Refill_NeedsLock();
            if (tokens < 1)
            {
                return false;
            }

            tokens -= 1;
            return true;
        }
    }

    private void Refill_NeedsLock()
    {
        long now = time.GetTimestamp();
        double elapsed = time.GetElapsedTime(updated, now).TotalSeconds;
        if (elapsed > 0)
        {
            tokens = Math.Min(burst, tokens + (elapsed * ratePerSecond));
            updated = now;
        }
    }
}
