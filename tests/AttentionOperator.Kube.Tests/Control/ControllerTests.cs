using System.Collections.Concurrent;
using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Metrics;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Kube.Queues;
using AttentionOperator.Kube.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Prometheus;

namespace AttentionOperator.Kube.Tests.Control;

public sealed class ControllerTests : IAsyncDisposable
{
    private readonly FakeTimeProvider clock = new();
    private readonly CollectorRegistry registry = Prometheus.Metrics.NewCustomRegistry();
    private readonly CancellationTokenSource stop = new();
    private readonly Observed<string> calls = new();
    private Task run = Task.CompletedTask;
    private Controller<string>? controller;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await run;
        controller?.Dispose();
        stop.Dispose();
    }

    [Fact]
    public async Task Done_StaysQuietUntilTheNextEvent()
    {
        Controller<string> c = Start(_ => ReconcileResult.Done);
        c.Queue.Add("a");
        await calls.NthAsync(1, k => k == "a");
        await IdleAsync(c);
        clock.Advance(TimeSpan.FromHours(10));
        Assert.Single(calls.Items);
        c.Queue.Add("a");
        await calls.NthAsync(2, k => k == "a");
    }

    [Fact]
    public async Task Waiting_ComesBackAfterItsDelay_OrEarlierWithAnEvent()
    {
        Controller<string> c = Start(_ => ReconcileResult.Waiting(TimeSpan.FromSeconds(30), "PodsNotReady"));
        c.Queue.Add("a");
        await calls.NthAsync(1, k => k == "a");
        await IdleAsync(c);
        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(0, c.Queue.Count);
        c.Queue.Add("a");
        await calls.NthAsync(2, k => k == "a");
        await IdleAsync(c);
        // The look at 29 s replaced the one planned for 30 s.
        clock.Advance(TimeSpan.FromSeconds(2));
        await IdleAsync(c);
        Assert.Equal(2, calls.Items.Count);
        clock.Advance(TimeSpan.FromSeconds(28));
        await calls.NthAsync(3, k => k == "a");
    }

    [Fact]
    public async Task Terminal_IsNotRetriedUntilSomethingChanges()
    {
        Controller<string> c = Start(_ => ReconcileResult.Terminal("InvalidSpec"));
        c.Queue.Add("a");
        await calls.FirstAsync(k => k == "a");
        await IdleAsync(c);
        clock.Advance(TimeSpan.FromDays(1));
        await IdleAsync(c);
        Assert.Single(calls.Items);
        Assert.Equal(0, c.Queue.DelayedCount);
        Assert.Contains("test_reconcile_total{controller=\"test\",result=\"terminal\"} 1", await MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ThrowingKey_BacksOffAndNeverStopsTheOthers()
    {
        Controller<string> c = Start(k => k == "bad" ? throw new InvalidOperationException("a bug") : ReconcileResult.Done, workers: 1);
        c.Queue.Add("bad");
        c.Queue.Add("good");
        await calls.FirstAsync(k => k == "good");
        await IdleAsync(c);
        Assert.Equal(1, c.Queue.DelayedCount);
        clock.Advance(TimeSpan.FromSeconds(1));
        await calls.NthAsync(2, k => k == "bad");
        await IdleAsync(c);
        clock.Advance(TimeSpan.FromSeconds(1.9));
        await IdleAsync(c);
        Assert.Equal(2, calls.Items.Count(k => k == "bad"));
        clock.Advance(TimeSpan.FromSeconds(0.2));
        await calls.NthAsync(3, k => k == "bad");
        Assert.Contains("test_reconcile_total{controller=\"test\",result=\"error\"} ", await MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HangingKey_IsCancelledAfterTheTimeout_AndOthersRunMeanwhile()
    {
        var hung = new TaskCompletionSource();
        Controller<string> c = Start(
            async (key, token) =>
            {
                if (key == "hangs")
                {
                    hung.SetResult();
                    await Task.Delay(Timeout.Infinite, token);
                }

                return ReconcileResult.Done;
            },
            workers: 2);
        c.Queue.Add("hangs");
        await hung.Task;
        c.Queue.Add("other");
        await calls.FirstAsync(k => k == "other");
        clock.Advance(TimeSpan.FromMinutes(3));
        // The failure is counted first, then the key is put off.
        while (c.Queue.DelayedCount == 0)
        {
            await Task.Yield();
        }

        Assert.Equal(1, c.Queue.Failures("hangs"));
    }

    [Fact]
    public async Task ManyKeys_RunInParallelButEachSerially()
    {
        var active = new ConcurrentDictionary<string, int>();
        int overlaps = 0;
        int parallel = 0;
        int most = 0;
        Controller<string> c = Start(
            async (key, _) =>
            {
                if (active.AddOrUpdate(key, 1, (_, n) => n + 1) > 1)
                {
                    Interlocked.Increment(ref overlaps);
                }

                int now = Interlocked.Increment(ref parallel);
                most = Math.Max(most, now);
                await Task.Yield();
                Interlocked.Decrement(ref parallel);
                active.AddOrUpdate(key, 0, (_, n) => n - 1);
                return ReconcileResult.Done;
            },
            workers: 8);
        for (int i = 0; i < 5_000; i++)
        {
            c.Queue.Add($"k{i % 7}");
        }

        c.Queue.Add("last");
        await calls.FirstAsync(k => k == "last");
        await IdleAsync(c);
        Assert.Equal(0, overlaps);
        Assert.InRange(most, 1, 8);
    }

    [Fact]
    public async Task Cancelled_KeepsTheKeyForTheNextRun()
    {
        var entered = new TaskCompletionSource();
        var reconciler = new Reconciler(
            async (_, token) =>
            {
                entered.TrySetResult();
                await Task.Delay(Timeout.Infinite, token);
                return ReconcileResult.Done;
            },
            calls);
        controller = new Controller<string>(reconciler, new ControllerOptions { Name = "test" }, NullLogger<Controller<string>>.Instance, time: clock);
        using var firstTerm = new CancellationTokenSource();
        Task first = controller.RunAsync(firstTerm.Token);
        controller.Queue.Add("a");
        await entered.Task;
        await firstTerm.CancelAsync();
        await first.WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal(1, controller.Queue.Count);
        Assert.Equal(0, controller.Queue.Failures("a"));
    }

    [Fact]
    public async Task LogScope_CarriesKeyAndReconcileId()
    {
        var logger = new ScopeLogger();
        controller = new Controller<string>(new Reconciler((_, _) => throw new InvalidOperationException("a bug"), calls), new ControllerOptions { Name = "test" }, logger, time: clock);
        run = controller.RunAsync(stop.Token);
        controller.Queue.Add("ns/a");
        await logger.Lines.FirstAsync(l => l.Contains("reconcileId:1", StringComparison.Ordinal) && l.Contains("key:ns/a", StringComparison.Ordinal) && l.Contains("failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task OwnWriteNotYetInTheCache_HoldsTheReconcileBack()
    {
        var cache = new FakeVersions();
        var guard = new OwnWrites<string>(TimeSpan.FromSeconds(10), clock);
        Controller<string> c = Start((_, _) => ValueTask.FromResult(ReconcileResult.Done), 1, guard);
        guard.Record("a", cache, new ObjectIdentity(new ObjectKey("ns", "child"), "u", "7"));
        c.Queue.Add("a");
        c.Queue.Add("marker");
        await calls.FirstAsync(k => k == "marker");
        Assert.DoesNotContain("a", calls.Items);

        cache.Latest = "7";
        c.Queue.Add("a");
        await calls.FirstAsync(k => k == "a");
    }

    [Fact]
    public async Task OwnWriteWhoseEventNeverComes_HoldsBackOnlyForTheTimeout()
    {
        var guard = new OwnWrites<string>(TimeSpan.FromSeconds(10), clock);
        Controller<string> c = Start((_, _) => ValueTask.FromResult(ReconcileResult.Done), 1, guard);
        long start = clock.GetTimestamp();
        guard.Record("a", new FakeVersions(), new ObjectIdentity(new ObjectKey("ns", "child"), "u", "7"));
        c.Queue.Add("a");
        await clock.AdvanceUntilAsync(calls.FirstAsync(k => k == "a"), TimeSpan.FromSeconds(1));
        Assert.True(clock.GetElapsedTime(start) >= TimeSpan.FromSeconds(10));
    }

    private static async Task IdleAsync(Controller<string> c)
    {
        while (c.Queue.Count > 0 || c.Queue.ProcessingCount > 0)
        {
            await Task.Yield();
        }
    }

    private Controller<string> Start(Func<string, ReconcileResult> reconcile, int workers = 2) => Start((key, _) => ValueTask.FromResult(reconcile(key)), workers);

    private Controller<string> Start(Func<string, CancellationToken, ValueTask<ReconcileResult>> reconcile, int workers = 2, OwnWrites<string>? guard = null)
    {
        var options = new ControllerOptions { Name = "test", Workers = workers, Queue = new WorkQueueOptions { FirstRetry = TimeSpan.FromSeconds(1) } };
        controller = new Controller<string>(new Reconciler(reconcile, calls), options, NullLogger<Controller<string>>.Instance, guard, new KubeMetrics("test", registry), clock);
        run = controller.RunAsync(stop.Token);
        return controller;
    }

    private async Task<string> MetricsAsync()
    {
        using var stream = new MemoryStream();
        await registry.CollectAndExportAsTextAsync(stream);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    private sealed class Reconciler(Func<string, CancellationToken, ValueTask<ReconcileResult>> reconcile, Observed<string> calls) : IReconciler<string>
    {
        public ValueTask<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellation)
        {
            calls.Add(key);
            return reconcile(key, cancellation);
        }
    }

    private sealed class ScopeLogger : ILogger<Controller<string>>
    {
        private readonly AsyncLocal<string?> scope = new();

        public Observed<string> Lines { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            scope.Value = state.ToString();
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add($"[{scope.Value}] {formatter(state, exception)}");
    }
}
