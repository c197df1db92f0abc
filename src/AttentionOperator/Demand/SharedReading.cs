namespace AttentionOperator.Demand;

/// <summary>A value that is read when it is asked for and old: all who ask meanwhile wait for the same reading.</summary>
internal sealed class SharedReading<T>(Func<Task<T>> read, TimeProvider time)
    where T : class
{
    private readonly Lock gate = new();
    private Task<T>? reading;
    private T? last;
    private long readAt;

    /// <param name="age">How old the value may be.</param>
    /// <param name="cancellation">Ends the caller's wait; the reading goes on for the others.</param>
    public Task<T> GetAsync(TimeSpan age, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (last is { } value && time.GetElapsedTime(readAt) <= age)
            {
                return Task.FromResult(value);
            }

            reading ??= ReadAsync();
            return reading.WaitAsync(cancellation);
        }
    }

    private async Task<T> ReadAsync()
    {
        await Task.Yield(); // The caller holds the lock.
        try
        {
            var value = await read();
            lock (gate)
            {
                (last, readAt) = (value, time.GetTimestamp());
            }

            return value;
        }
        finally
        {
            lock (gate)
            {
                reading = null;
            }
        }
    }
}
