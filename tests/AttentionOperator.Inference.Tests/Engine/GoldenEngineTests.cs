using System.Text.Json;
using AttentionOperator.Inference.Engine;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Tests.Fakes;
using AttentionOperator.Tokenization;

namespace AttentionOperator.Inference.Tests.Engine;

/// <summary>The reference answers come out of the engine too: whatever is batched, chunked, preempted or reused from the cache.</summary>
public sealed class GoldenEngineTests
{
    public static TheoryData<string> Decoders => Fixtures("decoder");

    public static TheoryData<string> EncoderDecoders => Fixtures("encoder_decoder");

    [Theory]
    [MemberData(nameof(Decoders))]
    public async Task Decoders_give_the_reference_s_greedy_answers_under_random_batching(string fixture)
    {
        using var golden = Golden(fixture);
        var cases = golden.RootElement.GetProperty("greedy").EnumerateArray().ToArray();
        var longest = cases.Max(c => c.GetProperty("prompt_ids").GetArrayLength()) + 32;
        var random = new Random(fixture.Length);
        using var model = ModelLoader.Load(GoldenDirectory.Of(fixture));
        var tokenizer = TokenizerLoader.Load(GoldenDirectory.Of(fixture)).Tokenizer;
        var blockSize = random.Next(3, 9);
        // Room for one and a half of the longest: the others have to be preempted.
        using var executor = model.CreateDecoderExecutor(blockSize, (longest * 3 / 2 / blockSize) + 1);
        await using var engine = new GenerationEngine(executor, tokenizer, new GenerationEngineOptions
        {
            MaxBatchTokens = random.Next(20, 80),
            MaxSequences = 5,
            MaxChunkTokens = random.Next(7, 40),
            Seed = 1,
            AgingInterval = TimeSpan.FromMilliseconds(50),
        });
        var runs = Enumerable.Range(0, 3).SelectMany(_ => cases).OrderBy(_ => random.Next()).Select((c, i) => RunAsync(engine, c, "prompt_ids", $"r{i}", (PriorityClass)random.Next(3), i % 4 == 3 ? random.Next(1, 31) : 0));
        await Task.WhenAll(runs.ToArray());
        await engine.DrainAsync(TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken);
        Assert.Equal((0, 0), (engine.Statistics.BlocksUsed, engine.Statistics.Running));
        Assert.True(engine.Statistics.PrefixHitTokens > 0);
    }

    [Theory]
    [InlineData("llama-untied", ExecutorKind.Simd)]
    [InlineData("gpt2", ExecutorKind.Libtorch)]
    [InlineData("t5", ExecutorKind.Auto)]
    public async Task A_step_that_throws_is_computed_again_to_the_same_answers(string fixture, ExecutorKind kind)
    {
        using var golden = Golden(fixture);
        var cases = golden.RootElement.GetProperty("greedy").EnumerateArray().ToArray();
        using var model = ModelLoader.Load(GoldenDirectory.Of(fixture), new LoadOptions { Executor = kind });
        var tokenizer = TokenizerLoader.Load(GoldenDirectory.Of(fixture)).Tokenizer;
        var seq2Seq = kind == ExecutorKind.Auto;
        using var inner = seq2Seq ? model.CreateSeq2SeqExecutor(4, 100, 5) : model.CreateDecoderExecutor(4, 100);
        using var executor = seq2Seq ? new FlakySeq2SeqExecutor((ISeq2SeqExecutor)inner) : new FlakyExecutor(inner);
        await using var engine = new GenerationEngine(executor, tokenizer, new GenerationEngineOptions { MaxBatchTokens = 600, MaxSequences = 5, MaxChunkTokens = 9, Seed = 1 });
        await Task.WhenAll(cases.Select((c, i) => RunAsync(engine, c, seq2Seq ? "input_ids" : "prompt_ids", $"r{i}", PriorityClass.Standard, 0)).ToArray());
        await engine.DrainAsync(TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken);
        Assert.True(executor.Thrown > 2, $"{executor.Thrown} steps threw");
        Assert.Equal(executor.Thrown, engine.Statistics.FailedSteps);
        Assert.Equal((0, 0), (engine.Statistics.BlocksUsed, engine.Statistics.Running));
    }

    [Theory]
    [MemberData(nameof(EncoderDecoders))]
    public async Task Encoder_decoders_give_the_reference_s_greedy_answers_under_random_batching(string fixture)
    {
        using var golden = Golden(fixture);
        var cases = golden.RootElement.GetProperty("greedy").EnumerateArray().ToArray();
        var random = new Random(fixture.Length);
        using var model = ModelLoader.Load(GoldenDirectory.Of(fixture));
        var tokenizer = TokenizerLoader.Load(GoldenDirectory.Of(fixture)).Tokenizer;
        using var executor = model.CreateSeq2SeqExecutor(4, 20, 3);
        await using var engine = new GenerationEngine(executor, tokenizer, new GenerationEngineOptions { MaxBatchTokens = 600, MaxSequences = 5, MaxChunkTokens = 5, Seed = 1 });
        var runs = Enumerable.Range(0, 3).SelectMany(_ => cases).OrderBy(_ => random.Next()).Select((c, i) => RunAsync(engine, c, "input_ids", $"r{i}", (PriorityClass)random.Next(3), i % 4 == 3 ? random.Next(1, 31) : 0));
        await Task.WhenAll(runs.ToArray());
        await engine.DrainAsync(TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken);
        Assert.Equal((0, 0), (engine.Statistics.BlocksUsed, engine.Statistics.Running));
    }

    [Fact]
    public async Task A_classifier_gives_the_reference_s_logits_in_packed_batches()
    {
        using var golden = Golden("bert-seqcls");
        using var model = ModelLoader.Load(GoldenDirectory.Of("bert-seqcls"));
        using var executor = model.CreateEncoderExecutor();
        await using var engine = new EncoderEngine(executor, new EncoderEngineOptions { MaxBatchTokens = 512, MaxBatchRequests = 4 });
        var cases = golden.RootElement.GetProperty("forward").EnumerateArray().ToArray();
        await Task.WhenAll(Enumerable.Range(0, 3).SelectMany(_ => cases).Select(async (c, i) =>
        {
            var logits = await engine.RunAsync(new EncoderRequest { Id = $"r{i}", TokenIds = Ints(c.GetProperty("input_ids")), Output = EncoderOutput.Logits });
            var expected = c.GetProperty("logits").EnumerateArray().Select(e => e.GetSingle()).ToArray();
            Assert.Equal(expected.Length, logits.Length);
            for (var k = 0; k < expected.Length; k++) Assert.Equal(expected[k], logits[k], 1e-4f);
        }));
        await engine.DrainAsync(TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken);
    }

    private static async Task RunAsync(GenerationEngine engine, JsonElement example, string input, string id, PriorityClass priority, int continuedAfter)
    {
        var expected = Ints(example.GetProperty("new_ids"));
        var answer = await engine.CollectAsync(new GenerationRequest
        {
            Id = id,
            PromptIds = Ints(example.GetProperty(input)),
            GeneratedIds = expected[..continuedAfter],
            MaxTokens = 32,
            Priority = priority,
            LogProbs = 0,
            Sampling = new SamplingParameters { Temperature = 0 },
        });
        Assert.Equal(expected[continuedAfter..], answer.Ids);
        Assert.Equal(FinishReason.Length, answer.Finish);
        var logProbs = example.GetProperty("logprobs").EnumerateArray().Select(e => e.GetSingle()).ToArray();
        for (var i = continuedAfter; i < 32; i++) Assert.Equal(logProbs[i], answer.Events[i - continuedAfter].LogProb!.LogProb, 2e-4f);
        if (continuedAfter == 0 && example.TryGetProperty("text_skip_special", out var text)) Assert.Equal(text.GetString(), answer.Text);
    }

    private static TheoryData<string> Fixtures(string kind)
    {
        TheoryData<string> names = [];
        foreach (var directory in Directory.EnumerateDirectories(GoldenDirectory.Path).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(directory);
            using var golden = Golden(name);
            if (golden.RootElement.TryGetProperty("kind", out var value) && value.GetString() == kind) names.Add(name);
        }

        return names;
    }

    private static JsonDocument Golden(string fixture) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(GoldenDirectory.Of(fixture), "golden.json")));

    private static int[] Ints(JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetInt32())];
}
