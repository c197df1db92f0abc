namespace AttentionOperator.Runtime.Serving;

/// <summary>Something to do while a stream is silent.</summary>
internal static class Idle
{
    /// <summary>Passes the items on and calls <paramref name="ping"/> when none came for the interval. One timer per interval, none per item.</summary>
    public static async IAsyncEnumerable<T> WithPings<T>(IAsyncEnumerable<T> source, TimeSpan interval, TimeProvider clock, Func<ValueTask> ping)
    {
        using var end = new CancellationTokenSource();
        Task? timer = null;
        var last = clock.GetTimestamp();
        var items = source.GetAsyncEnumerator();
        Task<bool>? pending = null;
        try
        {
            while (true)
            {
                var next = items.MoveNextAsync();
                if (next.IsCompleted)
                {
                    if (!await next) break;
                }
                else
                {
                    pending = next.AsTask();
                    while (!pending.IsCompleted)
                    {
                        timer ??= Task.Delay(interval, clock, end.Token);
                        if (await Task.WhenAny(pending, timer) == pending) break;
                        timer = null;
                        if (clock.GetElapsedTime(last) < interval) continue;
                        await ping();
                        last = clock.GetTimestamp();
                    }

                    var more = await pending;
                    pending = null;
                    if (!more) break;
                }

                yield return items.Current;
                last = clock.GetTimestamp();
            }
        }
        finally
        {
            await end.CancelAsync();
            // A failed ping leaves a move behind; the enumerator may be disposed only after it.
            if (pending is not null) await pending.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            await items.DisposeAsync();
        }
    }
}
