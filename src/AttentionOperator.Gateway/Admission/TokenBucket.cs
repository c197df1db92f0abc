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
    public void Return(long amount) => _level = Math.Min(Math.Max(PerMinute, _level), _level + amount);

    /// <summary>What <paramref name="amount"/> lacks; never more than a whole bucket, because that is enough for anything.</summary>
    public long Missing(long amount, DateTimeOffset now)
    {
        Refill(now);
        return (long)Math.Ceiling(Math.Max(0, Math.Min(amount, PerMinute) - _level));
    }

    /// <summary>Takes as much of <paramref name="amount"/> as there is.</summary>
    public long TakeUpTo(long amount, DateTimeOffset now)
    {
        var taken = Math.Clamp(amount, 0, Remaining(now));
        _level -= taken;
        return taken;
    }

    /// <summary>Adds what another bucket gave away, also beyond the brim: it was part of the same bound.</summary>
    public void Receive(long amount) => _level += amount;

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
        if (_level < PerMinute) _level = Math.Min(PerMinute, _level + ((now - _at).TotalMinutes * PerMinute));
        _at = now;
    }
}
