using AttentionOperator.Kube.Metrics;
using AttentionOperator.Kube.Queues;
using Microsoft.Extensions.Time.Testing;
using Prometheus;

namespace AttentionOperator.Kube.Tests.Queues;

public sealed class WorkQueueTests
{
    private readonly FakeTimeProvider clock = new();

    [Fact]
    public void Add_WaitingKey_Merges()
    {
        using WorkQueue<string> queue = Create();
        queue.Add("a");
        queue.Add("a");
        Assert.Equal(1, queue.Count);
        Assert.True(queue.TryTake(out string key));
        Assert.Equal("a", key);
        Assert.False(queue.TryTake(out _));
    }

    [Fact]
    public void Add_KeyInWork_WaitsUntilDone()
    {
        using WorkQueue<string> queue = Create();
        queue.Add("a");
        queue.TryTake(out _);
        queue.Add("a");
        Assert.False(queue.TryTake(out _));
        queue.Done("a");
        Assert.True(queue.TryTake(out _));
    }

    [Fact]
    public void Live_GoesBeforeBackground_AndPromotes()
    {
        using WorkQueue<string> queue = Create();
        queue.Add("old1", WorkPriority.Background);
        queue.Add("old2", WorkPriority.Background);
        queue.Add("live");
        queue.Add("old2");
        Assert.Equal(3, queue.Count);
        Assert.Equal(["live", "old2", "old1"], Drain(queue));
    }

    [Fact]
    public void Background_IsNotStarved()
    {
        using WorkQueue<string> queue = Create();
        queue.Add("resync", WorkPriority.Background);
        queue.Add("live1");
        Assert.Equal("live1", Take(queue));
        clock.Advance(TimeSpan.FromSeconds(30));
        queue.Add("live2");
        Assert.Equal("resync", Take(queue));
    }

    [Fact]
    public void AddAfter_ComesWhenDue_EarliestOfSeveralCounts()
    {
        using WorkQueue<string> queue = Create();
        queue.AddAfter("a", TimeSpan.FromSeconds(10));
        queue.AddAfter("a", TimeSpan.FromSeconds(2));
        queue.AddAfter("a", TimeSpan.FromSeconds(5));
        queue.AddAfter("b", TimeSpan.FromSeconds(3));
        clock.Advance(TimeSpan.FromSeconds(1.999));
        Assert.Equal(0, queue.Count);
        clock.Advance(TimeSpan.FromSeconds(0.001));
        Assert.Equal("a", Take(queue));
        queue.Done("a");
        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(["b"], Drain(queue));
        Assert.Equal(0, queue.DelayedCount);
    }

    [Fact]
    public void AddRateLimited_DoublesPerKeyUpToTheCap_ForgetStartsOver()
    {
        using WorkQueue<string> queue = Create();
        Assert.Equal([1, 2, 4, 8, 10, 10], Enumerable.Range(0, 6).Select(_ => queue.AddRateLimited("a").TotalSeconds));
        Assert.Equal(1, queue.AddRateLimited("b").TotalSeconds);
        queue.Forget("a");
        Assert.Equal(1, queue.AddRateLimited("a").TotalSeconds);
    }

    [Fact]
    public void AddRateLimited_OverallBucket_SpreadsAHerdOfFailures()
    {
        using WorkQueue<int> queue = new("test", new WorkQueueOptions { FirstRetry = TimeSpan.FromMilliseconds(1), RetriesPerSecond = 10, RetryBurst = 5 }, clock);
        TimeSpan last = TimeSpan.Zero;
        for (int i = 0; i < 105; i++)
        {
            last = queue.AddRateLimited(i);
        }

        Assert.Equal(10, last.TotalSeconds, 0.001);
    }

    [Fact]
    public async Task Take_WaitsForAnAdd_AndEndsWithTheQueue()
    {
        using WorkQueue<string> queue = Create();
        Task<string> waiting = queue.TakeAsync(CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);
        queue.Add("a");
        Assert.Equal("a", await waiting.WaitAsync(TimeSpan.FromSeconds(60)));

        Task<string> never = queue.TakeAsync(CancellationToken.None).AsTask();
        queue.ShutDown();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => never);
        queue.Add("b");
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public async Task Dispose_EndsEveryTaker()
    {
        // Whether a taker notices before or after the disposal is a race: many takers meet both.
        WorkQueue<string> queue = Create();
        using var cancellation = new CancellationTokenSource();
        List<Task> takers = [.. Enumerable.Range(0, 64).Select(i => queue.TakeAsync(i % 2 == 0 ? cancellation.Token : default).AsTask())];
        queue.Dispose();
        takers.Add(queue.TakeAsync(default).AsTask());
        foreach (Task taker in takers)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => taker.WaitAsync(TimeSpan.FromSeconds(60)));
        }
    }

    [Fact]
    public void DelayedKeys_ThatAreDroppedAgainAndAgain_TakeNoMemory()
    {
        List<string> released = [];
        using var delayed = new DelayedKeys<string>(clock, released.Add);
        delayed.Add("kept", TimeSpan.FromHours(1));
        for (int i = 0; i < 10_000; i++)
        {
            delayed.Add("a", TimeSpan.FromHours(2));
            delayed.Remove("a");
            delayed.Add("b", TimeSpan.FromHours(2) - TimeSpan.FromMilliseconds(i));
        }

        Assert.InRange(delayed.HeldCount, 2, 100);
        clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(["b", "kept"], released.Order());
    }

    [Fact]
    public void Done_WithoutTake_IsAnError()
    {
        using WorkQueue<string> queue = Create();
        Assert.Throws<InvalidOperationException>(() => queue.Done("a"));
    }

    [Fact]
    public async Task Metrics_CountDepthAddsAndRetries()
    {
        CollectorRegistry registry = Prometheus.Metrics.NewCustomRegistry();
        using var queue = new WorkQueue<string>("models", time: clock, metrics: new KubeMetrics("test", registry));
        queue.Add("a");
        queue.Add("a");
        queue.AddRateLimited("b");
        using var stream = new MemoryStream();
        await registry.CollectAndExportAsTextAsync(stream);
        string text = System.Text.Encoding.UTF8.GetString(stream.ToArray());
        Assert.Contains("test_queue_depth{controller=\"models\"} 1", text, StringComparison.Ordinal);
        Assert.Contains("test_queue_adds_total{controller=\"models\"} 1", text, StringComparison.Ordinal);
        Assert.Contains("test_queue_retries_total{controller=\"models\"} 1", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ManyThreads_NeverHoldAKeyTwice_AndLoseNothing()
    {
        using WorkQueue<int> queue = new("test");
        var holders = new int[20];
        var added = new int[20];
        var seen = new int[20];
        int violations = 0;
        using var stop = new CancellationTokenSource();
        Task[] workers = [.. Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                int key;
                try
                {
                    key = await queue.TakeAsync(stop.Token);
                }
                catch (OperationCanceledException)
                {
                    return;
                }

                if (Interlocked.Increment(ref holders[key]) != 1)
                {
                    Interlocked.Increment(ref violations);
                }

                // What was added before the take is seen by this holder; a later add brings the key back.
                Volatile.Write(ref seen[key], Volatile.Read(ref added[key]));
                await Task.Yield();
                Interlocked.Decrement(ref holders[key]);
                queue.Done(key);
            }
        }))];
        Task[] adders = [.. Enumerable.Range(0, 4).Select(t => Task.Run(() =>
        {
            var random = new Random(t);
            for (int i = 0; i < 20_000; i++)
            {
                int key = random.Next(20);
                Interlocked.Increment(ref added[key]);
                queue.Add(key, (WorkPriority)random.Next(2));
            }
        }))];
        await Task.WhenAll(adders);
        while (queue.Count > 0 || queue.ProcessingCount > 0)
        {
            await Task.Yield();
        }

        await stop.CancelAsync();
        await Task.WhenAll(workers);
        Assert.Equal(0, violations);
        Assert.Equal(added, seen);
    }

    private static string Take(WorkQueue<string> queue) => queue.TryTake(out string key) ? key : throw new InvalidOperationException("The queue is empty.");

    private static List<string> Drain(WorkQueue<string> queue)
    {
        List<string> keys = [];
        while (queue.TryTake(out string key))
        {
            keys.Add(key);
            queue.Done(key);
        }

        return keys;
    }

    private WorkQueue<string> Create() => new("test", new WorkQueueOptions { FirstRetry = TimeSpan.FromSeconds(1), LongestRetry = TimeSpan.FromSeconds(10) }, clock);
}
