namespace AttentionOperator.Sandbox.Storage;

/// <summary>
/// The log of all changes in <c>objects.log</c> of a data directory. A write is acknowledged after an fsync; concurrent writes share one.
/// At start the log is replayed, a torn tail is cut off, and a log with much garbage is rewritten.
/// </summary>
internal sealed class WriteAheadLog : IAsyncDisposable
{
    private readonly string _path;
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wanted = new(0);
    private readonly Task _flusher;
    private FileStream? _file;
    private TaskCompletionSource _next = NewCompletion();

    public WriteAheadLog(string directory)
    {
        Directory.CreateDirectory(directory);
        _path = Path.Combine(directory, "objects.log");
        _flusher = Task.Run(FlushLoopAsync);
    }

    /// <summary>Reads what is there. Must be called once, before the first append.</summary>
    public IReadOnlyList<(string Table, WatchRecord Record)> Replay()
    {
        var records = new List<(string Table, WatchRecord Record)>();
        var good = 0L;
        using (var reader = new BufferedStream(new FileStream(_path, FileMode.OpenOrCreate, FileAccess.Read), 1 << 20))
        {
            while (LogRecordCodec.Read(reader) is { } entry)
            {
                records.Add(entry);
                good = reader.Position;
            }
        }

        // Only after the reader is closed: it would seek back over what it had read ahead, beyond the new end.
        using (var stream = new FileStream(_path, FileMode.Open, FileAccess.ReadWrite))
        {
            if (good < stream.Length)
            {
                stream.SetLength(good);
                stream.Flush(flushToDisk: true);
            }
        }

        records = RewriteWithoutGarbage(records);
        _file = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        return records;
    }

    /// <summary>Hands one record to the operating system. Called under the store's lock, so records are in version order.</summary>
    public void Append(string table, WatchRecord record)
    {
        var file = _file ?? throw new InvalidOperationException("The log must be replayed before it is written.");
        file.Write(LogRecordCodec.Encode(table, record));
    }

    /// <summary>Completes when everything appended so far is on disk.</summary>
    public async ValueTask FlushedAsync()
    {
        Task task;
        lock (_lock) task = _next.Task;
        _wanted.Release();
        await task.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _flusher.ConfigureAwait(false);
        if (_file is not null)
        {
            _file.Flush(flushToDisk: true);
            await _file.DisposeAsync().ConfigureAwait(false);
        }

        lock (_lock) _next.TrySetResult();
        _stop.Dispose();
        _wanted.Dispose();
    }

    private async Task FlushLoopAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _wanted.WaitAsync(_stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            TaskCompletionSource current;
            lock (_lock)
            {
                current = _next;
                _next = NewCompletion();
            }

            try
            {
                _file!.Flush(flushToDisk: true);
                current.TrySetResult();
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                current.TrySetException(e);
            }
        }
    }

    private List<(string Table, WatchRecord Record)> RewriteWithoutGarbage(List<(string Table, WatchRecord Record)> records)
    {
        var live = new Dictionary<(string, string), (string Table, WatchRecord Record)>();
        foreach (var entry in records)
            live[(entry.Table, entry.Record.Object.Key)] = entry;
        if (records.Count < 1000 || live.Count * 2 > records.Count) return records;

        // The newest record is kept even when it is a deletion: it carries the highest version.
        var newest = records.Max(r => r.Record.Version);
        var kept = live.Values.Where(e => e.Record.Kind != ChangeKind.Deleted || e.Record.Version == newest).OrderBy(e => e.Record.Version).ToList();
        var temporary = _path + ".new";
        using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            foreach (var (table, record) in kept) stream.Write(LogRecordCodec.Encode(table, record));
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, _path, overwrite: true);
        return kept;
    }

    private static TaskCompletionSource NewCompletion() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
