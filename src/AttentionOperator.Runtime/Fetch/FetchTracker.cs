using AttentionOperator.Api.Runtime;

namespace AttentionOperator.Runtime.Fetch;

/// <summary>Keeps how far a fetch is, and logs it now and then. Thread-safe.</summary>
internal sealed partial class FetchTracker(string source, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(5);
    private readonly Lock _lock = new();
    private FetchProgress _progress = new(source, FetchState.Listing, 0, 0, 0, 0);
    private long _logged = clock.GetTimestamp();

    public FetchProgress Progress
    {
        get
        {
            lock (_lock) return _progress;
        }
    }

    public void Is(FetchState state) => Change(p => p with { State = state });

    public void Listed(IReadOnlyList<RemoteFile> files) => Change(p => p with { State = FetchState.Verifying, TotalFiles = files.Count, TotalBytes = files.Sum(f => f.Size ?? 0) });

    public void Downloaded(long bytes)
    {
        lock (_lock)
        {
            _progress = _progress with { State = FetchState.Downloading, DoneBytes = Most(_progress.DoneBytes + bytes) };
            if (clock.GetElapsedTime(_logged) < LogInterval) return;
            _logged = clock.GetTimestamp();
            LogProgress(logger, source, _progress.DoneBytes, _progress.TotalBytes, _progress.DoneFiles, _progress.TotalFiles);
        }
    }

    /// <param name="presentBytes">Bytes of a file that was there already; those of downloaded ones are counted as they come.</param>
    public void FileIsThere(long presentBytes) => Change(p => p with { DoneFiles = p.DoneFiles + 1, DoneBytes = p.DoneBytes + presentBytes });

    /// <summary>What is downloaded twice, after a break, is there once.</summary>
    private long Most(long bytes) => _progress.TotalBytes > 0 ? Math.Min(bytes, _progress.TotalBytes) : bytes;

    private void Change(Func<FetchProgress, FetchProgress> change)
    {
        lock (_lock) _progress = change(_progress);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Fetching {Source}: {Done} of {Total} bytes, {DoneFiles} of {TotalFiles} files")]
    private static partial void LogProgress(ILogger logger, string source, long done, long total, int doneFiles, int totalFiles);
}
