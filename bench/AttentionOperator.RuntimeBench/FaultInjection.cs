using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace AttentionOperator.RuntimeBench;

/// <summary>Clients that leave, break, stall or send nonsense, in every state of a request; afterwards nothing may be left.</summary>
internal sealed class FaultInjection(RuntimeProcess runtime, Workload workload, int seed)
{
    private const int AtOnce = 16;
    private const int StreamTokens = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Random random = new(seed);

    /// <summary>Runs so many faults; returns what is still inside the server a while after the last.</summary>
    public async Task<(double Left, string Detail)> RunAsync(int count, CancellationToken cancellation)
    {
        var seeds = Enumerable.Range(0, count).Select(_ => random.Next()).ToList();
        await Parallel.ForEachAsync(seeds, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (s, token) => await FaultAsync(new Random(s), token));
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var metrics = await runtime.MetricsAsync(cancellation);
            var (inside, running, waiting, cache) = (metrics.Sum("attention_requests_in_flight"), metrics.Sum("attention_requests_running"), metrics.Sum("attention_queue_depth"), metrics.Sum("attention_kv_cache_usage_ratio"));
            var left = inside + running + waiting + (cache > 0 ? 1 : 0);
            if (left == 0 || watch.Elapsed > Patience) return (left, $"in flight {inside}, running {running}, waiting {waiting}, cache {cache}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellation);
        }
    }

    private async Task FaultAsync(Random own, CancellationToken cancellation)
    {
        var item = own.Next(3) == 0 ? workload.Next(RequestKind.Document) : workload.Stream(StreamTokens);
        var head = $"POST {item.Path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nX-Attention-Priority: {item.Priority}\r\n";
        var body = item.Body;
        switch (own.Next(6))
        {
            case 0:
                // Nonsense in the middle.
                body = body.Insert(own.Next(body.Length), "\"\\ud800");
                break;
            case 1:
                head += "X-Attention-Deadline: " + own.Next(1, 300) + "ms\r\n";
                break;
            case 2:
                body = body.Replace("\"max_tokens\"", "\"n\":3,\"max_tokens\"", StringComparison.Ordinal);
                break;
            default:
                break;
        }

        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 2048 };
        await socket.ConnectAsync(runtime.Address.Host, runtime.Address.Port, cancellation);
        var bytes = Encoding.UTF8.GetBytes($"{head}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");
        // Leaves in the middle of sending, or soon after.
        var sent = own.Next(4) == 0 ? own.Next(bytes.Length) : bytes.Length;
        await socket.SendAsync(bytes.AsMemory(0, sent), cancellation);
        var reads = own.Next(4) * own.Next(20);
        var buffer = new byte[512];
        try
        {
            for (var i = 0; i < reads; i++)
            {
                using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                wait.CancelAfter(TimeSpan.FromMilliseconds(own.Next(1, 200)));
                if (await socket.ReceiveAsync(buffer, wait.Token) == 0) return;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            cancellation.ThrowIfCancellationRequested();
        }

        // Half of them break the connection instead of closing it.
        if (own.Next(2) == 0) socket.LingerState = new LingerOption(true, 0);
    }
}
