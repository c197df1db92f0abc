using AttentionOperator.Inference.Engine;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Memory;
using AttentionOperator.Inference.Probes;
using AttentionOperator.Inference.Tests.Fakes;
using static AttentionOperator.Inference.Tests.Engine.GenerationEngineTests;

namespace AttentionOperator.Inference.Tests.Engine;

/// <summary>A request on which the model's step throws is alone with that; a device that has no memory says whose request and how large a step.</summary>
public sealed class PoisonTests
{
    private const int Poison = 99;
    private static readonly ByteTokenizer Tokenizer = new();
    private static readonly GenerationEngineOptions Options = new() { MaxBatchTokens = 64, MaxSequences = 8, MaxChunkTokens = 16, Seed = 1, MaxConsecutiveFailures = 3 };

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(6)]
    public async Task A_request_whose_steps_throw_fails_alone_however_often_it_comes(int place)
    {
        using var model = Model();
        using var hold = new ManualResetEventSlim();
        model.BeforeStep = batch =>
        {
            hold.Wait(TestContext.Current.CancellationToken);
            // Whatever batch its prompt is in; that a neighbour generates the same id means nothing.
            if (batch.Sequences.Any(s => s.ContextLength == 0 && batch.TokenIds.Skip(s.TokenStart).Take(s.TokenCount).Contains(Poison))) throw new InvalidOperationException("no kernel for this");
        };
        await using var engine = new GenerationEngine(model, Tokenizer, Options);
        var neighbours = new List<(GenerationRequest Request, Task<Answer> Answer)>();
        var poisoned = new List<Task<Answer>>();
        for (var i = 0; i < 7; i++)
        {
            if (i == place) poisoned.Add(engine.CollectAsync(Greedy("poison", [1, Poison, 2], 10)));
            var request = Greedy($"r{i}", [.. Enumerable.Range(i * 5, 4 + i)], 12);
            neighbours.Add((request, engine.CollectAsync(request)));
        }

        hold.Set();
        foreach (var (request, answer) in neighbours) Assert.Equal(Oracle.Run(request, model.Shape.VocabularySize), (await answer).Ids);
        Assert.True((await Assert.ThrowsAsync<GenerationFailedException>(() => poisoned[0])).Retryable);
        // Alone in its step, and more often than the engine bears failures of its own.
        for (var i = 0; i < 5; i++)
        {
            var failure = await Assert.ThrowsAsync<GenerationFailedException>(() => engine.CollectAsync(Greedy("poison", [Poison], 10)));
            Assert.Contains("no kernel for this", failure.Message, StringComparison.Ordinal);
            Assert.Null(failure.Shortage);
        }

        Assert.Equal((EngineState.Running, 6L, 0L), (engine.State, engine.Statistics.FailedSteps, engine.Statistics.OutOfMemory));
        await AssertAllHomeAsync(engine, model);
    }

    [Fact]
    public async Task A_step_that_is_too_large_for_the_device_is_computed_in_parts()
    {
        using var model = Model();
        using var hold = new ManualResetEventSlim();
        model.BeforeStep = batch =>
        {
            hold.Wait(TestContext.Current.CancellationToken);
            if (batch.TokenIds.Count > 9) throw new InvalidOperationException("CUDA out of memory. Tried to allocate 2.00 GiB");
        };
        await using var engine = new GenerationEngine(model, Tokenizer, Options);
        var requests = Enumerable.Range(0, 6).Select(i => Greedy($"r{i}", [.. Enumerable.Range(i * 9, 6)], 5)).ToList();
        var answers = requests.Select(r => engine.CollectAsync(r)).ToList();
        hold.Set();
        for (var i = 0; i < requests.Count; i++) Assert.Equal(Oracle.Run(requests[i], model.Shape.VocabularySize), (await answers[i]).Ids);
        Assert.InRange(engine.Statistics.OutOfMemory, 1, 10);
        await AssertAllHomeAsync(engine, model);
    }

    [Fact]
    public async Task A_request_that_finds_no_memory_is_told_its_size_and_the_steps()
    {
        using var model = Model();
        using var hold = new ManualResetEventSlim();
        model.BeforeStep = batch =>
        {
            hold.Wait(TestContext.Current.CancellationToken);
            if (batch.Sequences.Any(s => s.TokenCount > 12)) throw new InvalidOperationException("CUDA out of memory. Tried to allocate 2.00 GiB");
        };
        await using var engine = new GenerationEngine(model, Tokenizer, Options);
        var warmUp = engine.CollectAsync(Greedy("first", [5], 1));
        hold.Set();
        await warmUp;
        hold.Reset();
        var small = Greedy("small", [1, 2], 4);
        var good = engine.CollectAsync(small);
        var bad = engine.CollectAsync(Greedy("large", [.. Enumerable.Range(0, 15)], 4));
        hold.Set();
        var failure = await Assert.ThrowsAsync<GenerationFailedException>(() => bad);
        Assert.Equal(Oracle.Run(small, model.Shape.VocabularySize), (await good).Ids);
        Assert.Equal(15, failure.Shortage!.RequestTokens);
        Assert.InRange(failure.Shortage.StepTokens, 15, 17);
        Assert.InRange(failure.Shortage.StepSequences, 1, 2);
        Assert.Contains("15 tokens", failure.Message, StringComparison.Ordinal);
        await AssertAllHomeAsync(engine, model);
    }

    [Fact]
    public async Task Memory_that_stays_away_ends_the_engine_with_the_numbers()
    {
        using var model = Model();
        model.BeforeStep = batch =>
        {
            // A single token still fits; nothing that anybody asks for does.
            if (batch.TokenIds.Count > 1) throw new InsufficientMemoryException();
        };
        await using var engine = new GenerationEngine(model, Tokenizer, Options);
        for (var i = 0; i < 3; i++) await Assert.ThrowsAsync<GenerationFailedException>(() => engine.CollectAsync(Greedy("a", [1, 2, 3, 4], 3)));
        await engine.Ended;
        Assert.Equal(EngineState.Faulted, engine.State);
        Assert.True(MemoryFailure.Is(engine.Fault));
        Assert.Contains("a request of 4 tokens, in a step of 4 tokens of 1 sequences", engine.Fault!.Message, StringComparison.Ordinal);
        Assert.Equal(3, engine.Statistics.OutOfMemory);
    }

    [Fact]
    public async Task An_input_on_which_an_encoder_throws_fails_alone()
    {
        using var model = new ThrowingEncoder();
        await using var engine = new EncoderEngine(model, new EncoderEngineOptions { MaxBatchTokens = 64, MaxBatchRequests = 9 });
        Task<float[]> Run(int id, int length = 3) => engine.RunAsync(new EncoderRequest { Id = $"{id}", TokenIds = [.. Enumerable.Repeat(id, length)] }).AsTask();
        var first = Run(1);
        model.Started.Wait(TestContext.Current.CancellationToken);
        Task<float[]>[] good = [Run(2), Run(3), Run(4), Run(5), Run(6)];
        var bad = Run(Poison);
        Task<float[]>[] later = [Run(7), Run(8)];
        model.Hold.Set();
        await Task.WhenAll([first, .. good, .. later]);
        Assert.Equal(5f, Assert.Single(await good[3]));
        await Assert.ThrowsAsync<GenerationFailedException>(() => bad);
        for (var i = 0; i < 4; i++) await Assert.ThrowsAsync<GenerationFailedException>(() => Run(Poison));
        var shortage = (await Assert.ThrowsAsync<GenerationFailedException>(() => Run(2, 40))).Shortage;
        Assert.Equal(new MemoryShortage(40, 40, 1), shortage);
        Assert.Equal((EngineState.Running, 1L), (engine.State, engine.Statistics.OutOfMemory));
        Assert.Equal(9f, Assert.Single(await Run(9)));
    }

    [Fact]
    public async Task Entropy_is_measured_once_per_sampled_request_and_costs_nobody_an_answer()
    {
        using var model = new EntropyModel(new DecoderShape(Tokenizer.VocabularySize, 512, 4, 128));
        List<EntropySample> samples = [];
        List<StepReport> steps = [];
        await using var engine = new GenerationEngine(model, Tokenizer, Options with { EntropySampleRatio = 1, EntropyMeasured = samples.Add, StepDone = steps.Add });
        var requests = Enumerable.Range(0, 6).Select(i => Greedy($"r{i}", [.. Enumerable.Range(i, 20 + i)], 8)).ToList();
        var answers = await Task.WhenAll(requests.Select(r => engine.CollectAsync(r)));
        for (var i = 0; i < requests.Count; i++) Assert.Equal(Oracle.Run(requests[i], model.Shape.VocabularySize), answers[i].Ids);
        // One row per step: where two prompts end in the same one, the other is measured a token later.
        Assert.Equal(6, samples.Count);
        Assert.All(samples, s => Assert.InRange(s.VisibleTokens, 20, 30));
        Assert.All(samples, s => Assert.Equal([0.25, 0.5], s.NormalizedByLayer.Select(e => Math.Round(e, 6))));
        Assert.Equal(1, model.MostRows);
        Assert.Equal(engine.Statistics.Steps, steps.Count);
        Assert.Equal(requests.Sum(r => r.PromptIds.Length) + (6 * 7), steps.Sum(s => s.Tokens) + (int)engine.Statistics.PrefixHitTokens);
        await AssertAllHomeAsync(engine, model);
    }

    private static HashModel Model() => new(new DecoderShape(Tokenizer.VocabularySize, 512, 4, 128), 64, 8);

    private sealed class EntropyModel(DecoderShape shape) : HashModel(shape), IAttentionEntropySource
    {
        public int MostRows { get; private set; }

        public void Execute(StepBatch batch, Span<float> logits, AttentionEntropy entropy)
        {
            Execute(batch, logits);
            var rows = Enumerable.Range(0, batch.TokenIds.Count).Count(entropy.Wants);
            MostRows = Math.Max(MostRows, rows);
            for (var i = 0; i < rows; i++)
            {
                entropy.Add(0, [0.25f * MathF.Log(8), 0.25f * MathF.Log(8)], 8);
                entropy.Add(1, [0.5f * MathF.Log(8), 0.5f * MathF.Log(8)], 8);
            }
        }
    }

    private sealed class ThrowingEncoder : IEncoderExecutor
    {
        public int HiddenSize => 1;

        public int MaxPositions => 64;

        public int LabelCount => 0;

        public ManualResetEventSlim Started { get; } = new();

        public ManualResetEventSlim Hold { get; } = new();

        public void Execute(PackedBatch batch, EncoderOutput kind, Span<float> output)
        {
            Started.Set();
            Hold.Wait();
            if (batch.TokenIds.Contains(Poison)) throw new InvalidOperationException("no kernel for this");
            if (batch.TokenIds.Count == 40) throw new InvalidOperationException("not enough memory: you tried to allocate 1 GB");
            for (var i = 0; i < output.Length; i++) output[i] = batch.TokenIds[batch.Starts[i]];
        }

        public void Dispose()
        {
            Started.Dispose();
            Hold.Dispose();
        }
    }
}
