using AttentionOperator.Inference.Engine;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Tests.Fakes;

namespace AttentionOperator.Inference.Tests.Engine;

/// <summary>Random traffic against the whole engine: every answer equals the one of the request alone, and every block comes home.</summary>
public sealed class EnginePropertyTests
{
    private static readonly ByteTokenizer Tokenizer = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Random_traffic_is_answered_exactly_and_leaks_nothing(int seed)
    {
        var random = new Random(seed);
        // Few blocks: preemption and eviction happen all the time.
        var shape = new DecoderShape(Tokenizer.VocabularySize, 96, random.Next(1, 9), 40);
        var maxLength = Math.Min(96, shape.BlockSize * shape.BlockCount);
        var options = new GenerationEngineOptions
        {
            MaxBatchTokens = random.Next(6, 40),
            MaxSequences = random.Next(1, 7),
            MaxChunkTokens = random.Next(1, 20),
            PromptLogProbRows = random.Next(1, 5),
            Seed = seed,
            AgingInterval = TimeSpan.FromMilliseconds(20),
            PrefixReuse = seed % 3 != 0,
            MaxQueuedTokens = 100_000,
        };
        using var model = new HashModel(shape, options.MaxBatchTokens, options.MaxSequences, options.MaxSequences + options.PromptLogProbRows);
        await using var engine = new GenerationEngine(model, Tokenizer, options);
        var requests = Enumerable.Range(0, 120).Select(i => RandomRequest(random, i, maxLength)).ToArray();
        var cancelAfter = requests.Select(_ => random.Next(3) == 0 ? random.Next(0, 12) : -1).ToArray();
        await Parallel.ForAsync(0, requests.Length, new ParallelOptions { MaxDegreeOfParallelism = 24 }, async (i, _) =>
        {
            var expected = Oracle.Run(requests[i], shape.VocabularySize, maxLength);
            using var cancel = new CancellationTokenSource();
            List<int> ids = [];
            try
            {
                if (cancelAfter[i] == 0) await cancel.CancelAsync();
                await foreach (var item in engine.GenerateAsync(requests[i], cancel.Token))
                {
                    if (item.TokenId >= 0) ids.Add(item.TokenId);
                    if (ids.Count == cancelAfter[i]) await cancel.CancelAsync();
                }

                Assert.True(cancelAfter[i] < 0 || ids.Count >= cancelAfter[i] || expected.Count <= cancelAfter[i]);
                if (cancelAfter[i] < 0) Assert.Equal(expected, ids);
            }
            catch (OperationCanceledException)
            {
                Assert.True(cancelAfter[i] >= 0);
            }

            Assert.Equal(expected.Take(ids.Count), ids);
        });
        await GenerationEngineTests.AssertAllHomeAsync(engine, model);
        Assert.InRange(model.LargestBatch, 1, options.MaxBatchTokens);
    }

    [Fact]
    public async Task The_longest_allowed_batch_stays_within_the_plan()
    {
        // Every sequence may grow to the whole cache: together they want eight times what there is.
        var shape = new DecoderShape(Tokenizer.VocabularySize, 64, 4, 16);
        var options = new GenerationEngineOptions { MaxBatchTokens = 32, MaxSequences = 8, MaxChunkTokens = 32, Seed = 1 };
        using var model = new HashModel(shape, 32, 8, 8 + options.PromptLogProbRows);
        await using var engine = new GenerationEngine(model, Tokenizer, options);
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => engine.CollectAsync(GenerationEngineTests.Greedy($"r{i}", [.. Enumerable.Range(i, 15)], 1000))));
        for (var i = 0; i < answers.Length; i++)
        {
            Assert.Equal(49, answers[i].Ids.Count);
            Assert.Equal(Oracle.Run(GenerationEngineTests.Greedy("x", [.. Enumerable.Range(i, 15)], 1000), shape.VocabularySize, 64), answers[i].Ids);
        }

        Assert.Equal(32, model.LargestBatch);
        Assert.True(engine.Statistics.Preemptions > 0);
        await GenerationEngineTests.AssertAllHomeAsync(engine, model);
    }

    private static GenerationRequest RandomRequest(Random random, int index, int maxLength)
    {
        // A few common stems make prefix hits likely.
        var stem = random.Next(4);
        var prompt = Enumerable.Range(0, random.Next(1, maxLength - 1)).Select(i => i < 24 ? (stem * 50) + i : random.Next(200)).ToArray();
        return new GenerationRequest
        {
            Id = $"r{index}",
            PromptIds = prompt,
            GeneratedIds = random.Next(5) == 0 ? [3, 4] : [],
            MaxTokens = random.Next(1, 40) + 2,
            Priority = (PriorityClass)random.Next(3),
            StopIds = random.Next(2) == 0 ? [.. Enumerable.Range(0, 8).Select(_ => random.Next(200))] : [],
            MinTokens = random.Next(3) == 0 ? random.Next(6) : 0,
            PromptLogProbs = random.Next(6) == 0,
            LogProbs = random.Next(4) == 0 ? 2 : null,
            CacheNamespace = random.Next(4) == 0 ? "other" : null,
            Sampling = random.Next(2) == 0
                ? new SamplingParameters { Temperature = 0, RepetitionPenalty = random.Next(2) == 0 ? 1 : 1.2f }
                : new SamplingParameters { Temperature = 0.9f, TopK = random.Next(2) * 20, TopP = 0.95f, Seed = random.Next(), PresencePenalty = random.Next(2) * 0.5f },
        };
    }
}
