namespace AttentionOperator.Gateway.Admission;

/// <summary>
/// A bound per minute: full at first, refilled continuously. Not thread-safe. What is larger than the whole bucket is let through once it is full and leaves
/// a debt, because it could otherwise never run.
/// </summary>
internal sealed class TokenBucket(long perMinute, DateTimeOffset now)
{
    private double _level = perMinute;
    private DateTimeOffset _at = now;

    public long PerMinute { get; private set; } = perMinute;

    public long Remaining(DateTimeOffset now)
    {
        Refill(now);
        return (long)Math.Max(0, _level);
    }

    /// <summary>Until <paramref name="amount"/> can be taken; zero = now.</summary>
    public TimeSpan Wait(long amount, DateTimeOffset now)
    {
        Refill(now);
        var missing = Math.Min(amount, PerMinute) - _level;
        return missing <= 0 ? TimeSpan.Zero : TimeSpan.FromMinutes(missing / PerMinute);
    }

    public TimeSpan UntilFull(DateTimeOffset now) => Wait(PerMinute, now);

    public void Take(long amount) => _level -= amount;

    /// <summary>Gives back what was not used (or takes what was used beyond, where negative).</summary>
    public void Return(long amount) => _level = Math.Min(PerMinute, _level + amount);

    /// <summary>Follows a changed bound; what is used stays used.</summary>
    public void Resize(long perMinute, DateTimeOffset now)
    {
        if (perMinute == PerMinute) return;
        Refill(now);
        _level = Math.Min(perMinute, _level + perMinute - PerMinute);
        PerMinute = perMinute;
    }

    private void Refill(DateTimeOffset now)
    {
        if (now <= _at) return;
        _level = Math.Min(PerMinute, _level + ((now - _at).TotalMinutes * PerMinute));
        _at = now;
    }
}
