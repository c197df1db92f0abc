using System.Buffers;
using System.Text.Json;

namespace AttentionOperator.Runtime.Http;

/// <summary>
/// A server-sent event stream. Nothing is sent before the first event, so that a failure before it is still an ordinary error
/// answer that a gateway may retry elsewhere. Writing waits for the client (bounded buffers in Kestrel).
/// </summary>
internal sealed class SseStream(HttpContext context) : IDisposable
{
    private readonly ArrayBufferWriter<byte> _bytes = new(512);
    private Utf8JsonWriter? _writer;

    public bool Started { get; private set; }

    public async ValueTask WriteAsync<T>(Action<Utf8JsonWriter, T> write, T state, CancellationToken cancellationToken)
    {
        Begin();
        _bytes.ResetWrittenCount();
        _bytes.Write("data: "u8);
        _writer ??= new Utf8JsonWriter(_bytes, JsonText.Options);
        _writer.Reset(_bytes);
        write(_writer, state);
        _writer.Flush();
        _bytes.Write("\n\n"u8);
        await SendAsync(cancellationToken);
    }

    /// <summary>Keeps proxies from closing a stream that waits.</summary>
    public async ValueTask PingAsync(CancellationToken cancellationToken)
    {
        if (!Started) return;
        _bytes.ResetWrittenCount();
        _bytes.Write(": ping\n\n"u8);
        await SendAsync(cancellationToken);
    }

    public async ValueTask DoneAsync(CancellationToken cancellationToken)
    {
        Begin();
        _bytes.ResetWrittenCount();
        _bytes.Write("data: [DONE]\n\n"u8);
        await SendAsync(cancellationToken);
    }

    /// <summary>An error after the first byte: an event, and no <c>[DONE]</c>.</summary>
    public async ValueTask ErrorAsync(ApiException error, CancellationToken cancellationToken)
    {
        _bytes.ResetWrittenCount();
        _bytes.Write("data: "u8);
        _bytes.Write(ErrorBody.ToJson(error).WrittenSpan);
        _bytes.Write("\n\n"u8);
        await SendAsync(cancellationToken);
    }

    public void Dispose() => _writer?.Dispose();

    private void Begin()
    {
        if (Started) return;
        Started = true;
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Response.Headers.CacheControl = "no-cache";
        context.Response.Headers["X-Accel-Buffering"] = "no";
    }

    private async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        await context.Response.Body.WriteAsync(_bytes.WrittenMemory, cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
    }
}
