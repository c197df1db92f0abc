using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace AttentionOperator.GatewayBench.Load;

/// <summary>
/// Sends requests at a constant rate, whether or not earlier ones are answered: what is slow does not slow down the questions (no coordinated omission). Each request's
/// time begins with its own bytes, so the generator's own lateness is not held against the target.
/// </summary>
internal sealed class ConstantRate(IPEndPoint target, IReadOnlyList<byte[]> requests, double perSecond) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly ConcurrentBag<WireConnection> idle = [];
    private int running;

    public async Task<LoadResult> RunAsync(TimeSpan time, CancellationToken cancellation)
    {
        var result = new LoadResult();
        for (var i = idle.Count; i < 16; i++)
        {
            var connection = new WireConnection(target);
            await connection.ConnectAsync(cancellation);
            idle.Add(connection);
        }

        // Awaited, not joined: two loads at once would block both threads of a small pool, and their answers would wait for a third.
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var sender = new Thread(() =>
        {
            Send(result, time, cancellation);
            sent.SetResult();
        })
        { IsBackground = true, Priority = ThreadPriority.AboveNormal };
        sender.Start();
        await sent.Task.WaitAsync(cancellation);
        var clock = TimeProvider.System.GetTimestamp();
        while (Volatile.Read(ref running) > 0 && TimeProvider.System.GetElapsedTime(clock) < Patience)
        {
            await Task.Delay(5, cancellation);
        }

        return result;
    }

    public void Dispose()
    {
        foreach (var connection in idle)
        {
            connection.Dispose();
        }
    }

    private void Send(LoadResult result, TimeSpan time, CancellationToken cancellation)
    {
        var start = TimeProvider.System.GetTimestamp();
        var total = (long)(time.TotalSeconds * perSecond);
        for (long sent = 0; sent < total && !cancellation.IsCancellationRequested;)
        {
            var due = Math.Min(total, 1 + (long)(TimeProvider.System.GetElapsedTime(start).TotalSeconds * perSecond));
            for (; sent < due; sent++)
            {
                Interlocked.Increment(ref running);
                _ = RunAsync(requests[(int)(sent % requests.Count)], result, cancellation);
            }

            Thread.Sleep(1);
        }
    }

    private async Task RunAsync(byte[] request, LoadResult result, CancellationToken cancellation)
    {
        WireConnection? connection = null;
        var status = 0;
        var sentAt = TimeProvider.System.GetTimestamp();
        try
        {
            if (!idle.TryTake(out connection))
            {
                connection = new WireConnection(target);
                await connection.ConnectAsync(cancellation);
            }

            sentAt = TimeProvider.System.GetTimestamp();
            connection.Send(request);
            status = await connection.ReceiveAsync(cancellation);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            status = 0;
        }

        result.Add(status, TimeProvider.System.GetElapsedTime(sentAt));
        if (status == 0)
        {
            connection?.Dispose();
        }
        else
        {
            idle.Add(connection!);
        }

        Interlocked.Decrement(ref running);
    }
}
