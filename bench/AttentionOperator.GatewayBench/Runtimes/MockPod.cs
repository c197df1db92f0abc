using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AttentionOperator.GatewayBench.Runtimes;

/// <summary>A runtime that answers at once and computes nothing: HTTP/1.1 over plain sockets, with keep-alive, the continuation protocol, and ways to die.</summary>
internal sealed class MockPod : IDisposable
{
    private readonly Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly HashSet<Socket> open = [];
    private readonly Lock gate = new();
    private readonly CancellationTokenSource ended = new();
    private readonly byte[] models;
    private volatile bool draining;
    private int served;
    private long lastRequestAt;
    private int running;

    public MockPod(IPAddress address, MockBehaviour behaviour)
    {
        Behaviour = behaviour;
        models = MockAnswer.Models(behaviour.Fingerprint);
        listener.Bind(new IPEndPoint(address, 0));
        listener.Listen(4096);
        _ = AcceptAsync();
    }

    public MockBehaviour Behaviour { get; }

    public IPEndPoint EndPoint => (IPEndPoint)listener.LocalEndPoint!;

    /// <summary>Requests that came.</summary>
    public int Served => Volatile.Read(ref served);

    public int Running => Volatile.Read(ref running);

    /// <summary>Timestamp at which the newest request came.</summary>
    public long LastRequestAt => Volatile.Read(ref lastRequestAt);

    /// <summary>New requests are refused, running streams are given back, as a runtime does after SIGTERM.</summary>
    public void Drain() => draining = true;

    /// <summary>Everything breaks off at once, as after SIGKILL.</summary>
    public void Dispose()
    {
        ended.Cancel();
        listener.Dispose();
        lock (gate)
        {
            foreach (var socket in open)
            {
                socket.LingerState = new LingerOption(true, 0);
                socket.Dispose();
            }

            open.Clear();
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await listener.AcceptAsync(ended.Token);
                socket.NoDelay = true;
                lock (gate)
                {
                    open.Add(socket);
                }

                _ = ServeAsync(socket);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        var buffer = new byte[2048];
        var filled = 0;
        try
        {
            while (true)
            {
                int headEnd;
                while ((headEnd = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8)) < 0)
                {
                    (buffer, var read) = await ReceiveAsync(socket, buffer, filled);
                    if (read == 0)
                    {
                        return;
                    }

                    filled += read;
                }

                var bodyLength = WireRequest.BodyLength(buffer.AsSpan(0, headEnd));
                var end = headEnd + 4 + bodyLength;
                while (filled < end)
                {
                    (buffer, var read) = await ReceiveAsync(socket, buffer, filled);
                    if (read == 0)
                    {
                        return;
                    }

                    filled += read;
                }

                var request = WireRequest.Read(buffer.AsSpan(0, headEnd), buffer.AsSpan(headEnd + 4, bodyLength));
                buffer.AsSpan(end, filled - end).CopyTo(buffer);
                filled -= end;
                // What a long prompt needed is not held while its answer runs.
                if (filled == 0 && buffer.Length > 16 * 1024)
                {
                    buffer = new byte[2048];
                }

                Interlocked.Increment(ref running);
                try
                {
                    await AnswerAsync(socket, request);
                }
                finally
                {
                    Interlocked.Decrement(ref running);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
        }
        finally
        {
            lock (gate)
            {
                open.Remove(socket);
            }

            socket.Dispose();
        }
    }

    private static async ValueTask<(byte[] Buffer, int Read)> ReceiveAsync(Socket socket, byte[] buffer, int filled)
    {
        if (filled == buffer.Length)
        {
            Array.Resize(ref buffer, buffer.Length * 2);
        }

        return (buffer, await socket.ReceiveAsync(buffer.AsMemory(filled)));
    }

    private async Task AnswerAsync(Socket socket, WireRequest request)
    {
        if (request.IsModels)
        {
            await socket.SendAsync(models);
            return;
        }

        if (draining)
        {
            await socket.SendAsync(MockAnswer.Draining);
            return;
        }

        Volatile.Write(ref lastRequestAt, TimeProvider.System.GetTimestamp());
        Interlocked.Increment(ref served);
        if (request.Streams)
        {
            await StreamAsync(socket, request);
            return;
        }

        if (Behaviour.ServiceTime > TimeSpan.Zero)
        {
            await Task.Delay(Behaviour.ServiceTime, ended.Token);
        }

        await socket.SendAsync(MockAnswer.Complete(request, Behaviour.PromptTokens));
    }

    private async Task StreamAsync(Socket socket, WireRequest request)
    {
        using var whole = new MemoryStream();
        whole.Write(MockAnswer.StreamHead);
        for (var token = Math.Max(0, request.Continued); token < request.MaxTokens; token++)
        {
            whole.Write(MockAnswer.Event(request, token));
            if (Behaviour.TokenInterval == TimeSpan.Zero)
            {
                continue;
            }

            await SendAsync(socket, whole);
            await Task.Delay(Behaviour.TokenInterval, ended.Token);
            if (draining)
            {
                whole.Write(MockAnswer.GivenBack);
                whole.Write(MockAnswer.LastChunk);
                await SendAsync(socket, whole);
                return;
            }
        }

        if (request.Continued == request.MaxTokens)
        {
            whole.Write(MockAnswer.Event(request, request.MaxTokens - 1));
        }

        if (request.WantsUsage)
        {
            whole.Write(MockAnswer.Usage(request, Behaviour.PromptTokens));
        }

        whole.Write(MockAnswer.Done);
        whole.Write(MockAnswer.LastChunk);
        await SendAsync(socket, whole);
    }

    private static async Task SendAsync(Socket socket, MemoryStream bytes)
    {
        await socket.SendAsync(bytes.GetBuffer().AsMemory(0, (int)bytes.Length));
        bytes.SetLength(0);
    }
}
