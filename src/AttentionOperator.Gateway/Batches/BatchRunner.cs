using AttentionOperator.Gateway.Hosting;

namespace AttentionOperator.Gateway.Batches;

/// <summary>Runs batches in the background: those that are made here, and those that a process left which is no more.</summary>
internal sealed partial class BatchRunner(BatchStore batches, FileStore files, BatchCalls calls, BatchOptions options, IGatewayReadiness readiness, TimeProvider time, ILogger<BatchRunner> logger) : BackgroundService
{
    private const int MostAtOnce = 16;
    private static readonly TimeSpan SweepEvery = TimeSpan.FromHours(1);
    private readonly Dictionary<string, Task> _running = [];
    private readonly SemaphoreSlim _news = new(0);

    /// <summary>A new batch is there.</summary>
    public void Wake() => _news.Release();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.IsOn) return;
        var sweptAt = DateTimeOffset.MinValue;
        try
        {
            while (true)
            {
                if (time.GetUtcNow() - sweptAt > SweepEvery)
                {
                    Sweep();
                    sweptAt = time.GetUtcNow();
                }

                foreach (var (id, _) in _running.Where(r => r.Value.IsCompleted).ToList()) _running.Remove(id);
                // Before the routes are known every request would fail for want of its model.
                foreach (var batch in (readiness.IsReady ? batches.All() : []).Where(b => !b.IsOver && !_running.ContainsKey(b.Id)).OrderBy(b => b.CreatedAt).Take(MostAtOnce - _running.Count).ToList())
                {
                    if (batches.TryLock(batch.Id) is { } held) _running[batch.Id] = RunAsync(batch.Id, held, stoppingToken);
                }

                await _news.WaitAsync(options.LookEvery, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await Task.WhenAll(_running.Values);
        }
    }

    private async Task RunAsync(string id, IDisposable held, CancellationToken stopping)
    {
        await Task.Yield();
        try
        {
            using (held)
            {
                // Somebody else may have ended it between the look and the lock.
                if (batches.Find(id) is { IsOver: false } batch) await new BatchRun(batch, batches, files, calls, options, time).RunAsync(stopping);
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogFailed(logger, id, e);
        }
    }

    private void Sweep()
    {
        files.Sweep();
        var oldest = (time.GetUtcNow() - options.Retention).ToUnixTimeSeconds();
        foreach (var batch in batches.All().Where(b => b.IsOver && b.CreatedAt < oldest).ToList()) batches.Delete(batch.Id);
    }

    [LoggerMessage(1, LogLevel.Error, "Batch {Batch} stopped by a defect; it goes on at the next look")]
    private static partial void LogFailed(ILogger logger, string batch, Exception e);
}
