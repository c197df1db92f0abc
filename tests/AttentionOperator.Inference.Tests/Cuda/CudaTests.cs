using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Fidelity;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Execution.Cuda;
using AttentionOperator.Inference.Execution.Torch;

namespace AttentionOperator.Inference.Tests.Cuda;

/// <summary>The same models on a GPU; skipped where there is none that this build can use.</summary>
public sealed class CudaTests
{
    public static TheoryData<string> Names => FidelityTests.Names;

    public CudaTests() => Assert.SkipUnless(TorchRuntime.FindsCuda(), "no CUDA device that this build can use");

    [Theory]
    [MemberData(nameof(Names))]
    public void Fixture_is_within_tolerance(string name)
    {
        var report = Fixtures.Run(GoldenDirectory.Path, name, new LoadOptions { Executor = ExecutorKind.Libtorch, Cuda = true });
        Assert.Empty(report.Failures);
        Assert.NotEmpty(report.Quantities);
    }

    [Theory]
    [InlineData("llama3-rope-bf16", Precision.Auto, 0.9995)]
    [InlineData("llama3-rope-bf16", Precision.BFloat16, 0.9995)]
    [InlineData("llama3-rope-bf16", Precision.Float16, 0.9999)]
    [InlineData("llama3-rope-bf16", Precision.Int8, 0.999)]
    [InlineData("llama3-rope-bf16", Precision.Int4, 0.95)]
    [InlineData("qwen3-sharded", Precision.BFloat16, 0.9995)]
    [InlineData("gemma2", Precision.BFloat16, 0.9995)]
    [InlineData("gemma3", Precision.Float16, 0.9999)]
    [InlineData("mistral-sliding", Precision.BFloat16, 0.9995)]
    [InlineData("phi3", Precision.BFloat16, 0.9995)]
    public void Lower_precision_gives_the_logits_of_float32_on_the_CPU(string fixture, Precision precision, double cosine)
    {
        var text = Enumerable.Range(0, 60).Select(i => 5 + i * 13 % 400).ToArray();
        var expected = Logits(fixture, new LoadOptions { Precision = Precision.Float32, Executor = ExecutorKind.Libtorch }, text);
        var actual = Logits(fixture, new LoadOptions { Precision = precision, Cuda = true }, text);
        Assert.InRange(Cosine(expected, actual), cosine, 1.0001);
    }

    [Theory]
    [InlineData("llama3-rope-bf16")]
    [InlineData("mistral-sliding")]
    [InlineData("gemma2")]
    [InlineData("gpt2")]
    public void Chunked_prefill_and_decoding_beside_others_give_what_one_step_gives(string fixture)
    {
        using var model = ModelLoader.Load(GoldenDirectory.Of(fixture), new LoadOptions { Cuda = true, Precision = Precision.Float32 });
        using var executor = model.CreateDecoderExecutor(blockSize: 8, blockCount: 200);
        var driver = new DecoderDriver(executor);
        var random = new Random(3);
        int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(driver.VocabularySize))];
        var (text, other) = (Tokens(70), Tokens(120));
        var (neighbour, cut) = (DecoderDriver.Start(), DecoderDriver.Start());
        var expected = driver.Step([(DecoderDriver.Start(), text)]);
        float[] actual = [];
        for (int at = 0, step = 0; at < text.Length; step++)
        {
            var count = step % 2 == 0 ? 1 : Math.Min(random.Next(1, 24), text.Length - at);
            actual = driver.Step([(neighbour, [other[step]]), (cut, text[at..(at + count)])])[driver.VocabularySize..];
            at += count;
        }

        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-3);
    }

    /// <summary>What the plan says, against what the driver counts: the longest batch allowed, prefilled and then decoded together.</summary>
    [Fact]
    public void Longest_allowed_batch_stays_within_the_memory_plan()
    {
        const int Sequences = 24, Length = 480, BlockSize = 16, Blocks = Sequences * Length / BlockSize;
        using var warm = ModelLoader.Load(GoldenDirectory.Of("gpt2"), new LoadOptions { Cuda = true });
        using (var first = warm.CreateDecoderExecutor(BlockSize, 8))
            new DecoderDriver(first).Step([(DecoderDriver.Start(), [1, 2, 3])]);
        using var model = ModelLoader.Load(GoldenDirectory.Of("llama3-rope-bf16"), new LoadOptions { Cuda = true });
        var plan = model.Plan();
        var before = CudaMemory.Read()!.Value;
        using var executor = model.CreateDecoderExecutor(BlockSize, Blocks);
        var driver = new DecoderDriver(executor);
        var sequences = Enumerable.Range(0, Sequences).Select(_ => DecoderDriver.Start()).ToArray();
        driver.Step([.. sequences.Select(s => (s, Enumerable.Range(0, Length - 1).Select(i => i * 7 % driver.VocabularySize).ToArray()))]);
        driver.Step([.. sequences.Select(s => (s, new[] { 1 }))]);
        var used = before.FreeBytes - CudaMemory.Read()!.Value.FreeBytes;
        var planned = plan.TotalBytes(Sequences * (Length - 1), Length, Sequences, (long)Blocks * BlockSize);
        // libtorch takes memory from the driver in pieces of 2 and 20 MB.
        Assert.InRange(used, 0, planned + (64L << 20));
    }

    [Fact]
    public void Memory_of_the_device_is_read()
    {
        var memory = CudaMemory.Read()!.Value;
        Assert.InRange(memory.FreeBytes, 1L << 20, memory.TotalBytes);
        Assert.Equal(memory.TotalBytes - memory.FreeBytes, memory.UsedBytes);
    }

    private static float[] Logits(string fixture, LoadOptions options, int[] text)
    {
        using var model = ModelLoader.Load(GoldenDirectory.Of(fixture), options);
        using var executor = model.CreateDecoderExecutor(16, 16);
        return new DecoderDriver(executor).Step([(DecoderDriver.Start(), text)]);
    }

    private static double Cosine(float[] a, float[] b)
    {
        double dot = 0, aa = 0, bb = 0;
        for (var i = 0; i < a.Length; i++)
        {
            dot += (double)a[i] * b[i];
            aa += (double)a[i] * a[i];
            bb += (double)b[i] * b[i];
        }

        return dot / Math.Sqrt(aa * bb);
    }
}
