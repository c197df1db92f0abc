using System.Buffers;

namespace AttentionOperator.Runtime.Fetch;

/// <summary>Downloads one file into a path, in parallel ranges, going on where an earlier try stopped.</summary>
internal sealed class FileDownloader(IArtifactSource source, FetchOptions options, TimeProvider clock, Action<long> progress)
{
    private const int BufferSize = 1 << 17;

    /// <summary>Downloads and verifies. Returns the file's digest in hex.</summary>
    /// <param name="file">What to download.</param>
    /// <param name="partial">Where to; the parts' record lies beside it.</param>
    /// <param name="cancellationToken">Keeps what is there for the next try.</param>
    public async Task<string> DownloadAsync(RemoteFile file, string partial, CancellationToken cancellationToken)
    {
        // Damage on the way is repaired by a second download; damage at the source is not.
        for (var tries = 0; ; tries++)
        {
            if (file.Size is { } size && size > options.PartBytes) await InPartsAsync(file, partial, size, cancellationToken);
            else await RetryAsync(() => AtOnceAsync(file, partial, cancellationToken), cancellationToken);
            var hex = await Task.Run(() => ArtifactFiles.FileDigest(partial, cancellationToken), cancellationToken);
            var length = new FileInfo(partial).Length;
            if ((file.Sha256 is null || file.Sha256 == hex) && (file.Size is null || file.Size == length)) return hex;
            File.Delete(partial);
            File.Delete(partial + ".parts");
            if (tries > 0)
            {
                throw new FetchException($"{source.Name}: {file.Path} has sha256 {hex} and {length} bytes; {file.Sha256 ?? "any sha256"} and {(file.Size is { } s ? $"{s} bytes" : "any size")} are expected.");
            }
        }
    }

    private async Task AtOnceAsync(RemoteFile file, string partial, CancellationToken cancellationToken)
    {
        using var read = await source.OpenAsync(file, 0, null, cancellationToken);
        await using var target = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous);
        await CopyAsync(read.Content, (bytes, _, token) => target.WriteAsync(bytes, token), 0, long.MaxValue, cancellationToken);
        target.Flush(flushToDisk: true);
    }

    private async Task InPartsAsync(RemoteFile file, string path, long size, CancellationToken cancellationToken)
    {
        using var partial = PartialFile.Open(path, size, options.PartBytes);
        progress(partial.DoneBytes);
        var missing = Enumerable.Range(0, partial.Parts).Where(p => !partial.IsDone(p));
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Parallel, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(missing, parallel, async (part, token) =>
        {
            var (offset, length) = partial.RangeOf(part);
            await RetryAsync(() => PartAsync(file, partial, offset, length, token), token);
            partial.MarkDone(part);
        });
    }

    private async Task PartAsync(RemoteFile file, PartialFile partial, long offset, long length, CancellationToken cancellationToken)
    {
        using var read = await source.OpenAsync(file, offset, length, cancellationToken);
        if (read.Offset > offset) throw new FetchException($"{source.Name}: {file.Path} came from byte {read.Offset}, not {offset}.");
        await SkipAsync(read.Content, offset - read.Offset, cancellationToken);
        var copied = await CopyAsync(read.Content, partial.WriteAsync, offset, length, cancellationToken);
        if (copied < length) throw new FetchException($"{source.Name}: {file.Path} ended {length - copied} bytes early.", transient: true);
    }

    private async Task<long> CopyAsync(Stream from, Func<ReadOnlyMemory<byte>, long, CancellationToken, ValueTask> write, long offset, long most, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            long copied = 0;
            while (copied < most)
            {
                var read = await ReadAsync(from, buffer.AsMemory(0, (int)Math.Min(buffer.Length, most - copied)), cancellationToken);
                if (read == 0) break;
                await write(buffer.AsMemory(0, read), offset + copied, cancellationToken);
                copied += read;
                progress(read);
            }

            return copied;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task SkipAsync(Stream from, long count, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        while (count > 0)
        {
            var read = await ReadAsync(from, buffer.AsMemory(0, (int)Math.Min(buffer.Length, count)), cancellationToken);
            if (read == 0) throw new FetchException($"{source.Name} ended early.", transient: true);
            count -= read;
        }
    }

    private async Task<int> ReadAsync(Stream from, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.ReadTimeout, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await from.ReadAsync(buffer, linked.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new FetchException($"{source.Name} was silent for {options.ReadTimeout.TotalSeconds} s.", transient: true, e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new FetchException($"{source.Name}: the connection broke: {e.Message}", transient: true, e);
        }
    }

    private async Task RetryAsync(Func<Task> action, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await action();
                return;
            }
            catch (FetchException e) when (e.Transient && tries < options.Tries)
            {
                await Task.Delay(options.FirstBackOff * (1 << (tries - 1)), clock, cancellationToken);
            }
        }
    }
}
