using AttentionOperator.Inference.Engine;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Tests.Fakes;
using static AttentionOperator.Inference.Tests.Engine.GenerationEngineTests;

namespace AttentionOperator.Inference.Tests.Engine;

public sealed class AllocationTests
{
    [Fact]
    public async Task Steady_decoding_allocates_nothing_on_the_engine_s_thread()
    {
        var tokenizer = new ByteTokenizer();
        using var model = new QuietModel(new DecoderShape(tokenizer.VocabularySize, 4096, 16, 1024));
        await using var engine = new GenerationEngine(model, tokenizer, new GenerationEngineOptions { MaxSequences = 8, MaxBatchTokens = 64, Seed = 1 });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => engine.CollectAsync(Greedy($"r{i}", [i], 2000) with
        {
            Sampling = i % 2 == 0 ? new() { Temperature = 0 } : new() { Temperature = 0.8f, TopK = 20, TopP = 0.9f, Seed = i },
        })));
        var perStep = model.BytesBetween(500, 1500) / 1000.0;
        // The reader may fall behind, and then the stream's own buffer grows a segment now and then; nothing else may allocate.
        var perToken = perStep / 8;
        TestContext.Current.TestOutputHelper?.WriteLine($"{perToken:F3} bytes per token");
        Assert.InRange(perToken, 0, 160);
        Assert.True(model.QuietSteps > 800, $"{model.QuietSteps} of 1000 steps allocated nothing");
    }

    /// <summary>Records what the engine's thread has allocated at every step, without allocating itself.</summary>
    private sealed class QuietModel(DecoderShape shape) : IDecoderExecutor
    {
        private readonly long[] allocated = new long[4096];
        private int steps;

        public DecoderShape Shape => shape;

        public int QuietSteps => Enumerable.Range(500, 1000).Count(i => allocated[i + 1] == allocated[i]);

        public long BytesBetween(int from, int to) => allocated[to] - allocated[from];

        public void Execute(StepBatch batch, Span<float> logits)
        {
            allocated[Math.Min(steps++, allocated.Length - 1)] = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < logits.Length; i++) logits[i] = ((i * 31) + (steps * 17)) % 97 / 10f;
        }

        public void Dispose()
        {
        }
    }
}
