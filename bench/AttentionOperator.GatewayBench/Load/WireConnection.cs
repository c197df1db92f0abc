using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;

namespace AttentionOperator.GatewayBench.Load;

/// <summary>A client's connection over a plain socket: sends prepared bytes, and knows when an answer is complete.</summary>
internal sealed class WireConnection(IPEndPoint target) : IDisposable
{
    private readonly Socket socket = new(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] buffer = new byte[2048];

    public int Filled { get; private set; }

    /// <summary>Bytes of the newest answer.</summary>
    public ReadOnlySpan<byte> Answer => buffer.AsSpan(0, Filled);

    public Task ConnectAsync(CancellationToken cancellation) => socket.ConnectAsync(target, cancellation).AsTask();

    public void Send(ReadOnlySpan<byte> request)
    {
        Filled = 0;
        while (!request.IsEmpty)
        {
            request = request[socket.Send(request)..];
        }
    }

    /// <summary>Reads until the answer is complete.</summary>
    /// <returns>The status; 0 = the connection ended before.</returns>
    public async ValueTask<int> ReceiveAsync(CancellationToken cancellation)
    {
        while (!IsComplete())
        {
            if (!await ReceiveSomeAsync(cancellation))
            {
                return 0;
            }
        }

        return Status();
    }

    /// <summary>Reads what comes next; false at the end of the connection.</summary>
    public async ValueTask<bool> ReceiveSomeAsync(CancellationToken cancellation)
    {
        if (Filled == buffer.Length)
        {
            Array.Resize(ref buffer, buffer.Length * 2);
        }

        var read = await socket.ReceiveAsync(buffer.AsMemory(Filled), cancellation);
        Filled += read;
        return read > 0;
    }

    public void Dispose() => socket.Dispose();

    private int Status() => Answer.Length > 12 && Utf8Parser.TryParse(Answer[9..12], out int status, out _) ? status : 0;

    private bool IsComplete()
    {
        var headEnd = Answer.IndexOf("\r\n\r\n"u8);
        if (headEnd < 0)
        {
            return false;
        }

        var head = Answer[..headEnd];
        var at = head.IndexOf("Content-Length: "u8);
        if (at < 0)
        {
            at = head.IndexOf("content-length: "u8);
        }

        if (at >= 0)
        {
            return Utf8Parser.TryParse(head[(at + 16)..], out int length, out _) && Filled >= headEnd + 4 + length;
        }

        return Answer.EndsWith("\r\n0\r\n\r\n"u8);
    }
}
