using AttentionOperator.Kube.Client;

namespace AttentionOperator.Gateway.Spending;

/// <summary>Exchanges spending with the store every few seconds, once at the start and once at the end. Without a store, or permission, budgets hold for this process alone.</summary>
internal sealed partial class SpendingSync(SpendingLedger ledger, ISpendingStore store, TimeProvider time, ILogger<SpendingSync> logger) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookAnyway = TimeSpan.FromSeconds(30);
    private DateTimeOffset _lookedAt = DateTimeOffset.MinValue;

    /// <summary>One exchange. Without news of its own it looks at the others' now and then only.</summary>
    public async Task ExchangeAsync(CancellationToken cancellation)
    {
        var unsaved = ledger.Unsaved();
        if (unsaved.IsEmpty && time.GetUtcNow() - _lookedAt < LookAnyway) return;
        try
        {
            ledger.Saved(unsaved, await store.AddAsync(unsaved, cancellation));
            _lookedAt = time.GetUtcNow();
        }
        catch (Exception e) when (e is KubeApiException or HttpRequestException or FormatException)
        {
            _lookedAt = time.GetUtcNow();
            LogFailed(logger, e.Message);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        _lookedAt = DateTimeOffset.MinValue;
        await ExchangeAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do await ExchangeAsync(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The usual end.
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "What tenants spent could not be exchanged with the other gateways; daily and monthly budgets hold for this process alone: {Problem}")]
    private static partial void LogFailed(ILogger logger, string problem);
}
