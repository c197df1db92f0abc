using System.Buffers;
using System.IO.Pipelines;

namespace AttentionOperator.Kube.Informers;

/// <summary>The lines of a watch, read without a string or an array per line.</summary>
internal sealed class WatchStream(HttpResponseMessage response, Stream stream) : IDisposable
{
    private readonly PipeReader pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16 * 1024));

    /// <summary>Called with each line; it must not keep the span.</summary>
    public delegate void LineHandler(ReadOnlySpan<byte> line);

    /// <summary>Hands over the lines that are there, waiting for one if need be. False at the end of the stream.</summary>
    /// <exception cref="IOException">The stream ended in the middle of a line.</exception>
    public async Task<bool> ReadLinesAsync(LineHandler handle, CancellationToken cancellation)
    {
        ReadResult result = await pipe.ReadAsync(cancellation).ConfigureAwait(false);
        ReadOnlySequence<byte> buffer = result.Buffer;
        SequencePosition consumed = buffer.Start;
        try
        {
            while (buffer.PositionOf((byte)'\n') is { } newline)
            {
                Hand(buffer.Slice(0, newline), handle);
                buffer = buffer.Slice(buffer.GetPosition(1, newline));
                consumed = buffer.Start;
            }
        }
        finally
        {
            pipe.AdvanceTo(consumed, result.Buffer.End);
        }

        if (!result.IsCompleted)
        {
            return true;
        }

        return buffer.IsEmpty ? false : throw new IOException("The watch ended in the middle of an event.");
    }

    public void Dispose()
    {
        pipe.Complete();
        response.Dispose();
    }

    private static void Hand(ReadOnlySequence<byte> line, LineHandler handle)
    {
        if (line.IsSingleSegment)
        {
            if (!line.FirstSpan.IsEmpty)
            {
                handle(line.FirstSpan);
            }

            return;
        }

        int length = checked((int)line.Length);
        byte[] rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            line.CopyTo(rented);
            handle(rented.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
