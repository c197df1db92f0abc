using System.Buffers;

namespace AttentionOperator.Kube.Informers;

/// <summary>A response body in a rented buffer: pages of a list are megabytes, and as garbage they would stay in the large object heap until a full collection.</summary>
internal sealed class PooledBody : IDisposable
{
    private byte[] buffer = ArrayPool<byte>.Shared.Rent(256 * 1024);
    private int length;

    private PooledBody()
    {
    }

    public ReadOnlySpan<byte> Span => buffer.AsSpan(0, length);

    public static async Task<PooledBody> ReadAsync(HttpContent content, CancellationToken cancellation)
    {
        var body = new PooledBody();
        try
        {
            Stream stream = await content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                int read;
                while ((read = await stream.ReadAsync(body.Free(), cancellation).ConfigureAwait(false)) > 0)
                {
                    body.length += read;
                }
            }

            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        length = 0;
    }

    private Memory<byte> Free()
    {
        if (length == buffer.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
            buffer.AsSpan(0, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }

        return buffer.AsMemory(length);
    }
}
