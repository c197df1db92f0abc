using AttentionOperator.Inference.Engine;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Tests.Fakes;
using static AttentionOperator.Inference.Tests.Engine.GenerationEngineTests;

namespace AttentionOperator.Inference.Tests.Engine;

/// <summary>No zombies: whatever happens in whatever state, the request ends, its blocks come home and the engine goes on.</summary>
public sealed class EngineFaultTests
{
    private static readonly ByteTokenizer Tokenizer = new();
    private static readonly GenerationEngineOptions Options = new() { MaxBatchTokens = 8, MaxSequences = 3, MaxChunkTokens = 4, Seed = 1, MaxConsecutiveFailures = 3 };

    [Fact]
    public async Task A_step_that_throws_once_is_computed_again_and_nobody_notices()
    {
        // A run without faults says how many steps there are; then each of them fails once.
        var steps = await RunWithFaultAsync(-1);
        for (var step = 1; step <= steps; step++) await RunWithFaultAsync(step);
    }

    [Fact]
    public async Task Cancelling_at_any_step_leaves_nothing_behind()
    {
        var steps = await RunWithCancellationAsync(-1);
        for (var step = 1; step <= steps; step++) await RunWithCancellationAsync(step);
    }

    [Fact]
    public async Task A_cancelled_request_takes_no_part_in_the_next_step()
    {
        using var model = Model(32);
        using var cancel = new CancellationTokenSource();
        var sawCancelled = false;
        model.BeforeStep = batch =>
        {
            if (cancel.IsCancellationRequested && batch.TokenIds.Contains(77)) sawCancelled = true;
            if (model.Steps == 2) cancel.Cancel();
        };
        await using var engine = new GenerationEngine(model, Tokenizer, Options);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.CollectAsync(Greedy("a", [.. Enumerable.Repeat(77, 30)], 10), cancel.Token));
        await AssertAllHomeAsync(engine, model);
        Assert.False(sawCancelled);
        Assert.Equal(2, model.Steps);
    }

    [Fact]
    public async Task Leaving_the_stream_early_frees_the_request()
    {
        using var model = Model(32);
        await using var engine = new GenerationEngine(model, Tokenizer, Options);
        await foreach (var item in engine.GenerateAsync(Greedy("a", [1, 2, 3], 1000)))
            if (item.TokenId >= 0) break;
        await engine.CollectAsync(Greedy("b", [4], 3));
        Assert.Equal(0, engine.Statistics.Running);
        await AssertAllHomeAsync(engine, model);
    }

    [Fact]
    public async Task Steps_that_keep_failing_fault_the_engine_loudly()
    {
        using var model = Model(32);
        model.BeforeStep = _ => throw new InvalidOperationException("device lost");
        List<Exception> reported = [];
        await using var engine = new GenerationEngine(model, Tokenizer, Options with { StepFailed = reported.Add });
        for (var i = 0; i < 3; i++)
        {
            var failure = await Assert.ThrowsAsync<GenerationFailedException>(() => engine.CollectAsync(Greedy("a", [1], 3)));
            Assert.True(failure.Retryable);
            Assert.Contains("device lost", failure.Message, StringComparison.Ordinal);
        }

        await engine.Ended;
        Assert.Equal(EngineState.Faulted, engine.State);
        Assert.Equal(3, reported.Count);
        Assert.Equal((3L, 0), (engine.Statistics.FailedSteps, engine.Statistics.BlocksUsed));
        var refusal = await Assert.ThrowsAsync<RequestRefusedException>(() => engine.CollectAsync(Greedy("b", [1], 3)));
        Assert.Equal(RefusalReason.Draining, refusal.Reason);
    }

    [Fact]
    public async Task Deadlines_end_running_and_waiting_requests()
    {
        using var model = Model(32);
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var engine = new GenerationEngine(model, Tokenizer, Options with { MaxSequences = 1, InteractiveReserve = 0 }, time);
        model.BeforeStep = _ =>
        {
            if (model.Steps == 5) time.Advance(TimeSpan.FromSeconds(10));
        };
        var soon = time.GetUtcNow().AddSeconds(5);
        // Both are queued before the first step: the hook holds the engine while the second is submitted.
        using var submitted = new ManualResetEventSlim();
        var previous = model.BeforeStep;
        model.BeforeStep = batch =>
        {
            submitted.Wait(TestContext.Current.CancellationToken);
            previous(batch);
        };
        var running = engine.CollectAsync(Greedy("a", [1], 1000) with { Deadline = soon });
        var waiting = engine.CollectAsync(Greedy("b", [2], 1000) with { Deadline = soon });
        submitted.Set();
        Assert.Equal((FinishReason.Deadline, 5), ((await running).Finish, (await running).Ids.Count));
        Assert.Equal((FinishReason.Deadline, 0), ((await waiting).Finish, (await waiting).Ids.Count));
        var late = await Assert.ThrowsAsync<RequestRefusedException>(() => engine.CollectAsync(Greedy("c", [2], 9) with { Deadline = soon }));
        Assert.Equal(RefusalReason.Deadline, late.Reason);
        await AssertAllHomeAsync(engine, model);
    }

    [Fact]
    public async Task Draining_refuses_new_requests_and_finishes_the_accepted_ones()
    {
        using var model = Model(32);
        using var hold = new ManualResetEventSlim();
        model.BeforeStep = _ => hold.Wait(TestContext.Current.CancellationToken);
        await using var engine = new GenerationEngine(model, Tokenizer, Options);
        var accepted = Enumerable.Range(0, 6).Select(i => engine.CollectAsync(Greedy($"r{i}", [i], 10))).ToArray();
        var drain = engine.DrainAsync(TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken);
        Assert.Equal(EngineState.Draining, engine.State);
        var refusal = await Assert.ThrowsAsync<RequestRefusedException>(() => engine.CollectAsync(Greedy("late", [1], 3)));
        Assert.Equal(RefusalReason.Draining, refusal.Reason);
        hold.Set();
        Assert.All(await Task.WhenAll(accepted), a => Assert.Equal(10, a.Ids.Count));
        var report = await drain;
        Assert.Equal((6, 0, 0), (report.Finished, report.Retryable.Count, report.Interrupted.Count));
        Assert.Equal(EngineState.Stopped, engine.State);
        await AssertAllHomeAsync(engine, model);
    }

    [Fact]
    public async Task A_drain_out_of_time_says_what_can_be_retried_and_what_was_interrupted()
    {
        using var model = Model(64);
        using var second = new ManualResetEventSlim();
        using var drained = new ManualResetEventSlim();
        model.BeforeStep = _ =>
        {
            if (model.Steps == 3)
            {
                second.Set();
                drained.Wait(TestContext.Current.CancellationToken);
            }
        };
        await using var engine = new GenerationEngine(model, Tokenizer, Options with { MaxSequences = 1, InteractiveReserve = 0 });
        var running = engine.CollectAsync(Greedy("running", [1], 1000));
        second.Wait(TestContext.Current.CancellationToken);
        var waiting = engine.CollectAsync(Greedy("waiting", [2], 10));
        var drain = engine.DrainAsync(TimeSpan.Zero, TestContext.Current.CancellationToken);
        drained.Set();
        var report = await drain;
        Assert.Equal(["waiting"], report.Retryable);
        Assert.Equal(["running"], report.Interrupted);
        Assert.True((await Assert.ThrowsAsync<GenerationFailedException>(() => waiting)).Retryable);
        Assert.False((await Assert.ThrowsAsync<GenerationFailedException>(() => running)).Retryable);
        await AssertAllHomeAsync(engine, model);
    }

    [Fact]
    public async Task A_full_queue_refuses_before_any_work_and_says_when_to_come_back()
    {
        using var model = Model(64);
        using var started = new ManualResetEventSlim();
        using var hold = new ManualResetEventSlim();
        model.BeforeStep = _ =>
        {
            started.Set();
            hold.Wait(TestContext.Current.CancellationToken);
        };
        await using var engine = new GenerationEngine(
            model, Tokenizer, Options with { MaxSequences = 1, InteractiveReserve = 0, MaxQueuedRequests = 2, MaxQueuedTokens = 10 });
        var running = engine.CollectAsync(Greedy("running", [1], 3));
        started.Wait(TestContext.Current.CancellationToken);
        var first = engine.CollectAsync(Greedy("q1", [2, 3, 4, 5], 3));
        var tokens = await Assert.ThrowsAsync<RequestRefusedException>(() => engine.CollectAsync(Greedy("big", new int[7], 3)));
        var second = engine.CollectAsync(Greedy("q2", [3], 3));
        var requests = await Assert.ThrowsAsync<RequestRefusedException>(() => engine.CollectAsync(Greedy("q3", [4], 3)));
        Assert.Equal((RefusalReason.TokensFull, RefusalReason.QueueFull), (tokens.Reason, requests.Reason));
        Assert.True(requests.RetryAfter >= TimeSpan.FromSeconds(1));
        Assert.Equal(2, engine.Statistics.Waiting.Sum());
        hold.Set();
        await Task.WhenAll(running, first, second);
        await AssertAllHomeAsync(engine, model);
    }

    private static async Task<int> RunWithFaultAsync(int failingStep)
    {
        using var model = Model(14);
        var thrown = false;
        model.BeforeStep = _ =>
        {
            if (model.Steps != failingStep) return;
            thrown = true;
            throw new InvalidOperationException("injected");
        };
        await using var engine = new GenerationEngine(model, Tokenizer, Options);
        await Task.WhenAll(Requests().Select(async request =>
        {
            List<int> ids = [];
            await foreach (var item in engine.GenerateAsync(request)) ids.Add(item.TokenId);
            Assert.Equal(Oracle.Run(request, model.Shape.VocabularySize), ids);
        }));
        Assert.Equal(EngineState.Running, engine.State);
        // How the requests meet in steps differs from run to run; the last step may not come.
        Assert.Equal(thrown ? 1 : 0, engine.Statistics.FailedSteps);
        await AssertAllHomeAsync(engine, model);
        return model.Steps;
    }

    private static async Task<int> RunWithCancellationAsync(int step)
    {
        using var model = Model(14);
        using var cancel = new CancellationTokenSource();
        model.BeforeStep = _ =>
        {
            if (model.Steps == step) cancel.Cancel();
        };
        await using var engine = new GenerationEngine(model, Tokenizer, Options);
        await Task.WhenAll(Requests().Select(async (request, i) =>
        {
            var expected = Oracle.Run(request, model.Shape.VocabularySize);
            try
            {
                // Every other request is cancelled, in whatever state it is; the rest must not notice.
                var answer = await engine.CollectAsync(request, i % 2 == 0 ? cancel.Token : default);
                Assert.Equal(expected, answer.Ids);
            }
            catch (OperationCanceledException)
            {
                Assert.Equal(0, i % 2);
            }
        }));
        await AssertAllHomeAsync(engine, model);
        return model.Steps;
    }

    /// <summary>Small cache, chunked prompts, three running places: waiting, chunked prefill, running, preempted and finishing all occur.</summary>
    private static GenerationRequest[] Requests() =>
        [.. Enumerable.Range(0, 6).Select(i => Greedy($"r{i}", [.. Enumerable.Range(i * 20, 6 + i)], 12) with { Priority = (PriorityClass)(i % 3) })];

    private static HashModel Model(int blocks) => new(new DecoderShape(Tokenizer.VocabularySize, 2048, 2, blocks), 8, 3);
}
