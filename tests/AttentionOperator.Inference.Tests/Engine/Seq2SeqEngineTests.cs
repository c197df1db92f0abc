using AttentionOperator.Inference.Engine;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Tests.Fakes;
using static AttentionOperator.Inference.Tests.Engine.GenerationEngineTests;

namespace AttentionOperator.Inference.Tests.Engine;

public sealed class Seq2SeqEngineTests
{
    private const int Start = 7;
    private static readonly ByteTokenizer Tokenizer = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Random_traffic_encodes_once_per_residence_and_gives_every_slot_back(int seed)
    {
        var random = new Random(seed);
        using var model = new HashSeq2Seq(new DecoderShape(Tokenizer.VocabularySize, 64, 4, 24), slots: 3);
        var options = new GenerationEngineOptions { MaxBatchTokens = 48, MaxSequences = 6, MaxChunkTokens = 8, Seed = 1 };
        await using var engine = new GenerationEngine(model, Tokenizer, options);
        var requests = Enumerable.Range(0, 60).Select(i => Greedy($"r{i}", [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(200))], random.Next(1, 50)) with
        {
            Priority = (PriorityClass)random.Next(3),
            GeneratedIds = random.Next(3) == 0 ? [5] : [],
        }).ToArray();
        await Parallel.ForAsync(0, requests.Length, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
        {
            using var cancel = new CancellationTokenSource();
            var expected = Oracle.Run(requests[i], model.Shape.VocabularySize, 64, HashSeq2Seq.SaltOf(requests[i].PromptIds), [Start]);
            List<int> ids = [];
            try
            {
                await foreach (var item in engine.GenerateAsync(requests[i], cancel.Token))
                {
                    if (item.TokenId >= 0) ids.Add(item.TokenId);
                    if (i % 5 == 0 && ids.Count == 3) await cancel.CancelAsync();
                }

                Assert.Equal(expected, ids);
            }
            catch (OperationCanceledException)
            {
                Assert.Equal(expected.Take(ids.Count), ids);
            }
        });
        await AssertAllHomeAsync(engine, model);
        Assert.Equal(0, model.Held);
        Assert.InRange(model.MostHeld, 1, 3);
    }

    [Fact]
    public async Task An_input_that_cannot_be_encoded_fails_alone()
    {
        using var model = new HashSeq2Seq(new DecoderShape(Tokenizer.VocabularySize, 64, 4, 24), slots: 3);
        await using var engine = new GenerationEngine(model, Tokenizer, new GenerationEngineOptions { MaxSequences = 4, MaxBatchTokens = 64 });
        var good = engine.CollectAsync(Greedy("good", [1, 2], 20));
        await Assert.ThrowsAsync<GenerationFailedException>(() => engine.CollectAsync(Greedy("bad", [HashSeq2Seq.Poison], 20)));
        Assert.Equal(20, (await good).Ids.Count);
        await AssertAllHomeAsync(engine, model);
        Assert.Equal(0, model.Held);
    }

    [Fact]
    public async Task An_input_beyond_the_encoder_or_the_step_is_refused()
    {
        using var model = new HashSeq2Seq(new DecoderShape(Tokenizer.VocabularySize, 64, 4, 24), slots: 3);
        await using var engine = new GenerationEngine(model, Tokenizer, new GenerationEngineOptions { MaxSequences = 4, MaxBatchTokens = 32 });
        var refusal = await Assert.ThrowsAsync<RequestRefusedException>(() => engine.CollectAsync(Greedy("a", new int[32], 3)));
        Assert.Equal(RefusalReason.TooLong, refusal.Reason);
        Assert.Contains("31", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(3, (await engine.CollectAsync(Greedy("b", new int[31], 3))).Ids.Count);
    }

    private sealed class HashSeq2Seq(DecoderShape shape, int slots) : HashModel(shape, 48), ISeq2SeqExecutor
    {
        public const int Poison = 222;
        private readonly ulong?[] salts = new ulong?[slots];

        public int DecoderStartTokenId => Start;

        public int CrossSlotCount => slots;

        public int MaxEncoderPositions => 512;

        public int Held => salts.Count(s => s is not null);

        public int MostHeld { get; private set; }

        public static ulong SaltOf(ReadOnlySpan<int> input)
        {
            ulong salt = 1;
            foreach (var id in input) salt = Fold(salt, id);
            return salt;
        }

        public void Encode(int slot, ReadOnlySpan<int> inputIds)
        {
            if (inputIds.Contains(Poison)) throw new InvalidOperationException("cannot encode");
            if (salts[slot] is not null) Violations.Add($"slot {slot} is encoded into while it is held");
            salts[slot] = SaltOf(inputIds);
            MostHeld = Math.Max(MostHeld, Held);
        }

        public void Release(int slot)
        {
            if (salts[slot] is null) Violations.Add($"slot {slot} is released but not held");
            salts[slot] = null;
        }

        protected override ulong Salt(StepSequence sequence) => salts[sequence.CrossSlot] ?? throw new InvalidOperationException("no encoder output");
    }
}
