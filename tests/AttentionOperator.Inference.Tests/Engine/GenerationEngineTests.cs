using AttentionOperator.Inference.Engine;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Tests.Fakes;

namespace AttentionOperator.Inference.Tests.Engine;

public sealed class GenerationEngineTests
{
    private static readonly ByteTokenizer Tokenizer = new();
    private static readonly GenerationEngineOptions Options = new() { MaxBatchTokens = 16, MaxSequences = 4, MaxChunkTokens = 8, Seed = 1 };

    [Fact]
    public async Task A_single_request_gives_the_model_s_own_tokens_and_text()
    {
        using var model = Model();
        await using var engine = new GenerationEngine(model, Tokenizer, Options);
        var request = Greedy("a", [1, 2, 3], 20);
        var answer = await engine.CollectAsync(request);
        Assert.Equal(Oracle.Run(request, model.Shape.VocabularySize), answer.Ids);
        Assert.Equal(Tokenizer.Decode([.. answer.Ids]), answer.Text);
        Assert.Equal(FinishReason.Length, answer.Finish);
        Assert.All(answer.Events.SkipLast(1), e => Assert.Null(e.Finish));
        await AssertAllHomeAsync(engine, model);
    }

    [Fact]
    public async Task A_stop_id_ends_the_answer_with_its_event_but_without_its_text()
    {
        using var model = Model();
        await using var engine = new GenerationEngine(model, Tokenizer, Options);
        var free = Oracle.Run(Greedy("a", [5], 30), model.Shape.VocabularySize);
        var request = Greedy("a", [5], 30) with { StopIds = [free[6]] };
        var answer = await engine.CollectAsync(request);
        Assert.Equal(free[..(free.IndexOf(free[6]) + 1)], answer.Ids);
        Assert.Equal(Tokenizer.Decode([.. answer.Ids[..^1]]), answer.Text);
        Assert.Equal(FinishReason.Stop, answer.Finish);
    }

    [Fact]
    public async Task Min_tokens_keeps_stop_ids_from_coming_too_early()
    {
        using var model = Model();
        await using var engine = new GenerationEngine(model, Tokenizer, Options);
        var first = Oracle.Run(Greedy("a", [5], 1), model.Shape.VocabularySize)[0];
        var request = Greedy("a", [5], 12) with { StopIds = [first], MinTokens = 5 };
        var answer = await engine.CollectAsync(request);
        Assert.DoesNotContain(first, answer.Ids[..5]);
        Assert.Equal(Oracle.Run(request, model.Shape.VocabularySize), answer.Ids);
    }

    [Fact]
    public async Task The_model_s_positions_end_an_answer()
    {
        using var model = Model(positions: 24);
        await using var engine = new GenerationEngine(model, Tokenizer, Options);
        var answer = await engine.CollectAsync(Greedy("a", [.. Enumerable.Range(1, 20)], 100));
        Assert.Equal(4, answer.Ids.Count);
        Assert.Equal(FinishReason.Length, answer.Finish);
        var refusal = await Assert.ThrowsAsync<RequestRefusedException>(() => engine.CollectAsync(Greedy("b", new int[24], 1)));
        Assert.Equal(RefusalReason.TooLong, refusal.Reason);
        Assert.Contains("24", refusal.Message, StringComparison.Ordinal);
        await AssertAllHomeAsync(engine, model);
    }

    [Fact]
    public async Task A_seeded_answer_does_not_depend_on_neighbours()
    {
        using var model = Model();
        await using var engine = new GenerationEngine(model, Tokenizer, Options);
        var request = Greedy("a", [9, 8, 7], 25) with { Sampling = new SamplingParameters { Temperature = 1.2f, TopP = 0.9f, Seed = 42 } };
        var alone = await engine.CollectAsync(request);
        var neighbours = Enumerable.Range(0, 6).Select(i => engine.CollectAsync(Greedy($"n{i}", [i + 1, i + 2], 40) with { Sampling = new() { Temperature = 1 } })).ToArray();
        var together = await engine.CollectAsync(request);
        await Task.WhenAll(neighbours);
        Assert.Equal(alone.Ids, together.Ids);
        Assert.Equal(Oracle.Run(request, model.Shape.VocabularySize), alone.Ids);
        await AssertAllHomeAsync(engine, model);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(19)]
    public async Task A_continuation_equals_the_uninterrupted_answer(int interruptedAfter)
    {
        using var model = Model();
        await using var engine = new GenerationEngine(model, Tokenizer, Options);
        var request = Greedy("a", [9, 8, 7], 20) with
        {
            Sampling = new SamplingParameters { Temperature = 1, Seed = 7, RepetitionPenalty = 1.3f, FrequencyPenalty = 0.4f },
        };
        var whole = await engine.CollectAsync(request);
        var rest = await engine.CollectAsync(request with { Id = "b", GeneratedIds = [.. whole.Ids[..interruptedAfter]] });
        Assert.Equal(whole.Ids[interruptedAfter..], rest.Ids);
        Assert.Equal(whole.Finish, rest.Finish);
    }

    [Fact]
    public async Task A_continuation_that_is_complete_ends_at_once()
    {
        using var model = Model();
        await using var engine = new GenerationEngine(model, Tokenizer, Options);
        var full = await engine.CollectAsync(Greedy("a", [1], 3) with { GeneratedIds = [4, 5, 6] });
        Assert.Equal((0, FinishReason.Length), (full.Ids.Count, full.Finish));
        var stopped = await engine.CollectAsync(Greedy("a", [1], 9) with { GeneratedIds = [4, 5], StopIds = [5] });
        Assert.Equal((0, FinishReason.Stop), (stopped.Ids.Count, stopped.Finish));
        Assert.Equal(0, model.Steps);
    }

    [Fact]
    public async Task Equal_prompts_share_cached_blocks_within_a_namespace_only()
    {
        using var model = Model();
        await using var engine = new GenerationEngine(model, Tokenizer, Options);
        var prompt = Enumerable.Range(0, 33).ToArray();
        var first = await engine.CollectAsync(Greedy("a", prompt, 5));
        var second = await engine.CollectAsync(Greedy("b", prompt, 5));
        var stranger = await engine.CollectAsync(Greedy("c", prompt, 5) with { CacheNamespace = "tenant" });
        Assert.Equal(0, first.Events[0].CachedPromptTokens);
        Assert.Equal(32, second.Events[0].CachedPromptTokens);
        Assert.Equal(0, stranger.Events[0].CachedPromptTokens);
        Assert.Equal(first.Ids, second.Ids);
        Assert.Equal(first.Ids, stranger.Ids);
        await AssertAllHomeAsync(engine, model);
        Assert.Equal(32, engine.Statistics.PrefixHitTokens);
    }

    [Fact]
    public async Task Log_probabilities_of_output_and_prompt_come_from_the_model_s_distribution()
    {
        using var model = Model();
        await using var engine = new GenerationEngine(model, Tokenizer, Options);
        var prompt = Enumerable.Range(10, 50).ToArray();
        await engine.CollectAsync(Greedy("warm", prompt, 2));
        var answer = await engine.CollectAsync(Greedy("a", prompt, 4) with { LogProbs = 3, PromptLogProbs = true });
        var reported = answer.Events[0].PromptLogProbs!;
        Assert.Equal(prompt.Length, reported.Count);
        Assert.Null(reported[0]);
        var logits = new float[model.Shape.VocabularySize];
        for (var i = 1; i < prompt.Length; i++)
        {
            HashModel.Reference(prompt.AsSpan(0, i), logits);
            Assert.Equal(LogSoftmax(logits, prompt[i]), reported[i]!.LogProb, 1e-4f);
            Assert.Equal(prompt[i], reported[i]!.TokenId);
        }

        HashModel.Reference(prompt, logits);
        Assert.Equal(LogSoftmax(logits, answer.Ids[0]), answer.Events[0].LogProb!.LogProb, 1e-4f);
        Assert.Equal(answer.Ids[0], answer.Events[0].LogProb!.Top[0].TokenId);
        Assert.Equal(3, answer.Events[0].LogProb!.Top.Count);
        Assert.All(answer.Events.Skip(1), e => Assert.Null(e.PromptLogProbs));
        await AssertAllHomeAsync(engine, model);
    }

    [Fact]
    public async Task A_row_that_is_not_a_number_fails_its_request_alone()
    {
        using var model = new PoisonModel(new DecoderShape(Tokenizer.VocabularySize, 512, 4, 64));
        await using var engine = new GenerationEngine(model, Tokenizer, Options);
        var good = engine.CollectAsync(Greedy("good", [1, 2], 30));
        var failure = await Assert.ThrowsAsync<GenerationFailedException>(() => engine.CollectAsync(Greedy("bad", [PoisonModel.Poison], 30)));
        Assert.True(failure.Retryable);
        Assert.Equal(30, (await good).Ids.Count);
        await AssertAllHomeAsync(engine, model);
    }

    [Theory]
    [InlineData(nameof(GenerationRequest.PromptIds))]
    [InlineData(nameof(GenerationRequest.MaxTokens))]
    [InlineData(nameof(SamplingParameters.Temperature))]
    [InlineData(nameof(SamplingParameters.TopP))]
    public async Task Invalid_fields_are_named(string field)
    {
        using var model = Model();
        await using var engine = new GenerationEngine(model, Tokenizer, Options);
        var request = field switch
        {
            nameof(GenerationRequest.PromptIds) => Greedy("a", [1, 99999], 3),
            nameof(GenerationRequest.MaxTokens) => Greedy("a", [1], 0),
            nameof(SamplingParameters.Temperature) => Greedy("a", [1], 3) with { Sampling = new() { Temperature = -1 } },
            _ => Greedy("a", [1], 3) with { Sampling = new() { TopP = 0 } },
        };
        var error = await Assert.ThrowsAsync<ArgumentException>(() => engine.CollectAsync(request));
        Assert.Contains(field, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_beyond_their_bounds_are_refused_at_start()
    {
        using var model = Model();
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new GenerationEngine(model, Tokenizer, Options with { MaxSequences = 17 }));
        Assert.Equal(nameof(GenerationEngineOptions.MaxSequences), error.ParamName);
    }

    internal static GenerationRequest Greedy(string id, int[] prompt, int maxTokens) =>
        new() { Id = id, PromptIds = prompt, MaxTokens = maxTokens, Sampling = new SamplingParameters { Temperature = 0 } };

    internal static async Task AssertAllHomeAsync(GenerationEngine engine, HashModel model)
    {
        await engine.DrainAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        var statistics = engine.Statistics;
        Assert.Equal((0, 0, 0L), (statistics.BlocksUsed, statistics.Running, statistics.WaitingTokens));
        Assert.Equal([0, 0, 0], statistics.Waiting);
        Assert.Empty(model.Violations);
    }

    private static HashModel Model(int positions = 512, int blocks = 64) => new(new DecoderShape(Tokenizer.VocabularySize, positions, 4, blocks), 16, 4, 20);

    private static float LogSoftmax(float[] logits, int id) => (float)(logits[id] - Math.Log(logits.Sum(x => Math.Exp(x))));

    /// <summary>Gives NaN to whoever holds the poisoned token.</summary>
    private sealed class PoisonModel(DecoderShape shape) : HashModel(shape)
    {
        public const int Poison = 200;

        public override void Finish(StepBatch batch, Span<float> logits)
        {
            for (var row = 0; row < batch.LogitRows.Count; row++)
                if (batch.TokenIds[batch.LogitRows[row]] == Poison) logits.Slice(row * Shape.VocabularySize, Shape.VocabularySize).Fill(float.NaN);
        }
    }
}
