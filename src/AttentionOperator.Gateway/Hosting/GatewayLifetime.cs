using System.Runtime.InteropServices;
using AttentionOperator.Gateway.Forwarding;

namespace AttentionOperator.Gateway.Hosting;

/// <summary>
/// Ends the gateway without a failed request. SIGTERM comes when the API server has marked the pod, not when every proxy has heard of it: for a while the gateway
/// says that it is not ready, answers whoever still comes and closes their connections behind the answer; then it listens no more and finishes what runs.
/// </summary>
internal sealed partial class GatewayLifetime(IHostApplicationLifetime host, GatewayTimings timings, TimeProvider time, ILogger<GatewayLifetime> logger) : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> _signals = [];
    private int _draining;

    /// <summary>The pod is leaving.</summary>
    public bool IsDraining => Volatile.Read(ref _draining) != 0;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            Drain();
        }));
        foreach (var signal in (ReadOnlySpan<PosixSignal>)[PosixSignal.SIGINT, PosixSignal.SIGQUIT])
        {
            _signals.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                host.StopApplication();
            }));
        }

        return Task.CompletedTask;
    }

    /// <summary>Begins to leave; returns at once.</summary>
    public void Drain()
    {
        if (Interlocked.Exchange(ref _draining, 1) != 0) return;
        LogDraining(logger, timings.Leaving.TotalSeconds);
        _ = StopLaterAsync();
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        foreach (var signal in _signals) signal.Dispose();
    }

    private async Task StopLaterAsync()
    {
        await Task.Delay(timings.Leaving, time);
        host.StopApplication();
    }

    [LoggerMessage(1, LogLevel.Information, "Leaving: not ready from now on; new connections are taken for {Seconds} s more")]
    private static partial void LogDraining(ILogger logger, double seconds);
}
