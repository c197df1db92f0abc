using System.Buffers;

namespace AttentionOperator.Gateway.Forwarding;

/// <summary>Cuts an upstream's bytes into whole server-sent events, each with the empty line that ends it. Memory is bounded by the longest event.</summary>
internal sealed class SseEventReader(Stream upstream) : IDisposable
{
    private const int FirstSize = 4 * 1024;
    private const int MaxEventBytes = 4 * 1024 * 1024;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstSize);
    private int _start;
    private int _end;
    private int _scanned;

    /// <summary>The next event, if it is here already. Valid until the next call of <see cref="FillAsync"/>.</summary>
    public bool TryTake(out ReadOnlyMemory<byte> sse)
    {
        while (_scanned < _end)
        {
            var offset = _buffer.AsSpan(_scanned, _end - _scanned).IndexOf((byte)'\n');
            if (offset < 0)
            {
                _scanned = _end;
                break;
            }

            var lineEnd = _scanned + offset;
            _scanned = lineEnd + 1;
            if (!IsEmptyLine(lineEnd)) continue;
            sse = _buffer.AsMemory(_start, _scanned - _start);
            _start = _scanned;
            return true;
        }

        sse = default;
        return false;
    }

    /// <summary>Waits for more bytes. False at the upstream's end; an incomplete event is dropped then.</summary>
    /// <exception cref="IOException">The upstream broke, or an event is longer than 4 MiB.</exception>
    public async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end, _scanned) = (0, _end - _start, _scanned - _start);
        }

        if (_end == _buffer.Length)
        {
            if (_end >= MaxEventBytes) throw new IOException("An event of the upstream's stream is longer than 4 MiB.");
            var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(0, _end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        var read = await upstream.ReadAsync(_buffer.AsMemory(_end), cancellation);
        _end += read;
        return read > 0;
    }

    public void Dispose()
    {
        var buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>The line that ends at <paramref name="lineEnd"/> is empty, and something comes before it.</summary>
    private bool IsEmptyLine(int lineEnd)
    {
        var previous = lineEnd - 1;
        if (previous >= _start && _buffer[previous] == (byte)'\r') previous--;
        return previous < _start || _buffer[previous] == (byte)'\n';
    }
}
