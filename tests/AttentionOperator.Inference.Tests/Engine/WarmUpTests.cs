using AttentionOperator.Inference.Engine;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Tests.Fakes;

namespace AttentionOperator.Inference.Tests.Engine;

public sealed class WarmUpTests
{
    [Theory]
    [InlineData(64, 8, 32, 100, 64)]
    [InlineData(64, 8, 4, 100, 32)]
    [InlineData(64, 8, 64, 10, 40)]
    public void The_largest_step_fills_the_budgets_and_stays_within_them(int tokens, int sequences, int chunk, int blocks, int expected)
    {
        using var model = new HashModel(new DecoderShape(300, 200, 4, blocks), tokens, sequences);
        var options = new GenerationEngineOptions { MaxBatchTokens = tokens, MaxSequences = sequences, MaxChunkTokens = chunk };
        Assert.Equal(expected, WarmUp.Run(model, options));
        Assert.Equal(1, model.Steps);
        Assert.Empty(model.Violations);
    }

    [Theory]
    [InlineData("llama-tied")]
    [InlineData("t5")]
    [InlineData("bert-seqcls")]
    public void Real_models_warm_up(string fixture)
    {
        using var model = ModelLoader.Load(GoldenDirectory.Of(fixture));
        var options = new GenerationEngineOptions { MaxBatchTokens = 128, MaxSequences = 4, MaxChunkTokens = 64 };
        switch (model.Kind)
        {
            case Models.Descriptions.ModelKind.Decoder:
                using (var executor = model.CreateDecoderExecutor(8, 32)) Assert.Equal(128, WarmUp.Run(executor, options));
                break;
            case Models.Descriptions.ModelKind.Encoder:
                using (var executor = model.CreateEncoderExecutor()) Assert.Equal(200, WarmUp.Run(executor, new EncoderEngineOptions { MaxBatchTokens = 200 }));
                break;
            default:
                using (var executor = model.CreateSeq2SeqExecutor(8, 32, 2)) Assert.Equal(128, WarmUp.Run(executor, options));
                break;
        }
    }

    [Fact]
    public void Numbers_that_are_not_finite_are_refused()
    {
        using var model = new NanModel(new DecoderShape(300, 200, 4, 20));
        Assert.Throws<InvalidOperationException>(() => WarmUp.Run(model, new GenerationEngineOptions()));
    }

    private sealed class NanModel(DecoderShape shape) : HashModel(shape)
    {
        public override void Finish(StepBatch batch, Span<float> logits) => logits[^1] = float.NaN;
    }
}
