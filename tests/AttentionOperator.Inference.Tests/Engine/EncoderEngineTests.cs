using AttentionOperator.Inference.Engine;
using AttentionOperator.Inference.Execution;
using Microsoft.Extensions.Time.Testing;

namespace AttentionOperator.Inference.Tests.Engine;

public sealed class EncoderEngineTests
{
    private static readonly EncoderEngineOptions Options = new() { MaxBatchTokens = 32, MaxBatchRequests = 5 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Random_traffic_is_packed_within_the_budgets_and_answered_exactly(int seed)
    {
        var random = new Random(seed);
        using var model = new HashEncoder(32, 5);
        await using var engine = new EncoderEngine(model, Options);
        var requests = Enumerable.Range(0, 300).Select(i => new EncoderRequest
        {
            Id = $"r{i}",
            TokenIds = [.. Enumerable.Range(0, random.Next(1, 33)).Select(_ => random.Next(1000))],
            Output = (EncoderOutput)random.Next(2),
            Priority = (PriorityClass)random.Next(3),
        }).Select(r => random.Next(2) == 0 ? r : r with { TypeIds = [.. r.TokenIds.Select(_ => 1)] }).ToArray();
        await Parallel.ForAsync(0, requests.Length, new ParallelOptions { MaxDegreeOfParallelism = 40 }, async (i, _) =>
        {
            using var cancel = new CancellationTokenSource();
            if (i % 7 == 0) cancel.CancelAfter(TimeSpan.FromTicks(i * 10));
            try
            {
                Assert.Equal(HashEncoder.Reference(requests[i]), await engine.RunAsync(requests[i], cancel.Token));
            }
            catch (OperationCanceledException)
            {
                Assert.Equal(0, i % 7);
            }
        });
        await AssertAllHomeAsync(engine, model);
    }

    [Fact]
    public async Task What_arrives_during_a_batch_is_packed_in_order_into_the_next_ones_without_a_timer()
    {
        using var model = new HashEncoder(32, 5);
        using var started = new ManualResetEventSlim();
        using var hold = new ManualResetEventSlim();
        model.BeforeBatch = () =>
        {
            started.Set();
            hold.Wait(TestContext.Current.CancellationToken);
        };
        // A clock that stands still: nothing here waits for time to pass.
        await using var engine = new EncoderEngine(model, Options, new FakeTimeProvider());
        var first = Run(engine, "first", 3);
        started.Wait(TestContext.Current.CancellationToken);
        Task<float[]>[] others = [Run(engine, "b", 20, PriorityClass.Batch), Run(engine, "a", 10), Run(engine, "c", 10), Run(engine, "d", 10), Run(engine, "i", 2, PriorityClass.Interactive)];
        using var cancelled = new CancellationTokenSource();
        var gone = engine.RunAsync(new EncoderRequest { Id = "gone", TokenIds = [1, 2, 3] }, cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        hold.Set();
        await Task.WhenAll([first, .. others]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        await AssertAllHomeAsync(engine, model);
        Assert.Equal(["3", "2 10 10 10", "20"], model.Batches);
    }

    [Fact]
    public async Task An_optional_delay_holds_an_incomplete_batch_until_it_is_over_or_full()
    {
        using var model = new HashEncoder(32, 5);
        var time = new FakeTimeProvider();
        await using var engine = new EncoderEngine(model, Options with { MaxDelay = TimeSpan.FromMilliseconds(50) }, time);
        var first = Run(engine, "a", 3);
        var second = Run(engine, "b", 29);
        await Task.WhenAll(first, second);
        Assert.Equal("3 29", string.Join(" ", model.Batches.Single().Split(' ').Order().Reverse()));

        var lone = Run(engine, "c", 4);
        while (!lone.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }

        Assert.Equal(["4"], model.Batches.Skip(1));
        await AssertAllHomeAsync(engine, model);
    }

    [Fact]
    public async Task A_batch_that_throws_fails_its_own_requests_and_three_in_a_row_fault_the_engine()
    {
        using var model = new HashEncoder(32, 5);
        await using var engine = new EncoderEngine(model, Options);
        model.BeforeBatch = () => throw new InvalidOperationException("device lost");
        Assert.True((await Assert.ThrowsAsync<GenerationFailedException>(() => Run(engine, "a", 3))).Retryable);
        model.BeforeBatch = null;
        await Run(engine, "b", 3);
        model.BeforeBatch = () => throw new InvalidOperationException("device lost");
        for (var i = 0; i < 3; i++) await Assert.ThrowsAsync<GenerationFailedException>(() => Run(engine, "a", 3));
        await engine.Ended;
        Assert.Equal(EngineState.Faulted, engine.State);
        Assert.Equal(RefusalReason.Draining, (await Assert.ThrowsAsync<RequestRefusedException>(() => Run(engine, "c", 3))).Reason);
    }

    [Fact]
    public async Task Requests_beyond_the_bounds_are_refused()
    {
        using var model = new HashEncoder(32, 5);
        using var started = new ManualResetEventSlim();
        using var hold = new ManualResetEventSlim();
        model.BeforeBatch = () =>
        {
            started.Set();
            hold.Wait(TestContext.Current.CancellationToken);
        };
        await using var engine = new EncoderEngine(model, Options with { MaxQueuedRequests = 2, MaxQueuedTokens = 10, InteractiveReserve = 0 });
        Assert.Equal(RefusalReason.TooLong, (await Assert.ThrowsAsync<RequestRefusedException>(() => Run(engine, "long", 33))).Reason);
        var running = Run(engine, "a", 1);
        started.Wait(TestContext.Current.CancellationToken);
        var queued = Run(engine, "b", 6);
        Assert.Equal(RefusalReason.TokensFull, (await Assert.ThrowsAsync<RequestRefusedException>(() => Run(engine, "c", 5))).Reason);
        var second = Run(engine, "d", 1);
        Assert.Equal(RefusalReason.QueueFull, (await Assert.ThrowsAsync<RequestRefusedException>(() => Run(engine, "e", 1))).Reason);
        hold.Set();
        await Task.WhenAll(running, queued, second);
        await AssertAllHomeAsync(engine, model);
    }

    private static Task<float[]> Run(EncoderEngine engine, string id, int length, PriorityClass priority = PriorityClass.Standard) =>
        engine.RunAsync(new EncoderRequest { Id = id, TokenIds = [.. Enumerable.Range(0, length)], Priority = priority }).AsTask();

    private static async Task AssertAllHomeAsync(EncoderEngine engine, HashEncoder model)
    {
        var report = await engine.DrainAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Empty(report.Retryable);
        Assert.Equal((0, 0, 0L), (engine.Statistics.Running, engine.Statistics.Waiting.Sum(), engine.Statistics.WaitingTokens));
        Assert.Empty(model.Violations);
    }

    private sealed class HashEncoder(int maxTokens, int maxRequests) : IEncoderExecutor
    {
        public int HiddenSize => 3;

        public int MaxPositions => 512;

        public int LabelCount => 2;

        public List<string> Violations { get; } = [];

        public List<string> Batches { get; } = [];

        public Action? BeforeBatch { get; set; }

        public static float[] Reference(EncoderRequest request) =>
            Vector(request.TokenIds, request.TypeIds.Length == 0 ? new int[request.TokenIds.Length] : request.TypeIds, request.Output);

        public void Execute(PackedBatch batch, EncoderOutput kind, Span<float> output)
        {
            var count = batch.Starts.Count - 1;
            if (batch.TokenIds.Count > maxTokens || count > maxRequests) Violations.Add("batch too large");
            Batches.Add(string.Join(' ', Enumerable.Range(0, count).Select(i => batch.Starts[i + 1] - batch.Starts[i])));
            BeforeBatch?.Invoke();
            for (var i = 0; i < count; i++)
            {
                var (start, length) = (batch.Starts[i], batch.Starts[i + 1] - batch.Starts[i]);
                var vector = Vector([.. batch.TokenIds.Skip(start).Take(length)], [.. batch.TypeIds.Skip(start).Take(length)], kind);
                vector.CopyTo(output.Slice(i * vector.Length, vector.Length));
            }
        }

        public void Dispose()
        {
        }

        private static float[] Vector(int[] ids, int[] types, EncoderOutput kind)
        {
            long hash = 17;
            for (var i = 0; i < ids.Length; i++) hash = unchecked((hash * 31) + (ids[i] * 2) + types[i]);
            return [.. Enumerable.Range(0, kind == EncoderOutput.Logits ? 2 : 3).Select(i => (float)((hash >> (8 * i)) & 0xFFFF))];
        }
    }
}
