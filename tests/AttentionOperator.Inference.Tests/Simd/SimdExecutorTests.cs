using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Fidelity;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Execution.Torch;
using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Inference.Simd;
using AttentionOperator.Inference.Simd.Kernels;
using AttentionOperator.Inference.Tests.Loading;

namespace AttentionOperator.Inference.Tests.Simd;

/// <summary>The SIMD executor against the reference fixtures, against libtorch, and against itself under other batches.</summary>
public sealed class SimdExecutorTests
{
    private const string Odd = """
        {"architectures": ["LlamaForCausalLM"], "hidden_size": 84, "num_attention_heads": 6, "num_key_value_heads": 2, "num_hidden_layers": 2, "head_dim": 14,
         "vocab_size": 101, "intermediate_size": 131, "max_position_embeddings": 512, "tie_word_embeddings": true, "attention_bias": true, "mlp_bias": true}
        """;

    public static TheoryData<string> Decoders =>
        [.. Fixtures.In(GoldenDirectory.Path).Where(name => File.Exists(Path.Combine(GoldenDirectory.Of(name), "config.json")) && IsDecoder(name))];

    [Theory]
    [MemberData(nameof(Decoders))]
    public void Fixture_is_within_tolerance(string name)
    {
        var report = Fixtures.Run(GoldenDirectory.Path, name, ExecutorKind.Simd);
        Assert.Empty(report.Failures);
        Assert.Contains("logits", report.Quantities.Keys);
    }

    [Theory]
    [MemberData(nameof(Decoders))]
    public void Logits_equal_libtorch_s_under_random_batches(string name) => CompareWithLibtorch(GoldenDirectory.Of(name), null, 1e-4);

    [Theory]
    [InlineData(AttentionKind.SlidingWindow)]
    [InlineData(AttentionKind.BlockSparse)]
    public void Other_attention_equals_libtorch_s(AttentionKind kind) =>
        CompareWithLibtorch(GoldenDirectory.Of("qwen2"), new AttentionSpec { Kind = kind, Window = 19, BlockSize = 16, GlobalTokens = 2 }, 1e-4);

    [Fact]
    public void Sizes_that_fill_no_register_equal_libtorch_s()
    {
        using var files = TemporaryModel.Random(Odd, seed: 21);
        CompareWithLibtorch(files.Path, null, 1e-4);
    }

    [Theory]
    [InlineData("llama-untied", Precision.Auto)]
    [InlineData("gemma2", Precision.Auto)]
    [InlineData("gpt2", Precision.Auto)]
    [InlineData("mistral-sliding", Precision.BFloat16)]
    [InlineData("gpt-neox", Precision.Int8)]
    [InlineData("phi3", Precision.Int4)]
    public void A_sequence_s_logits_are_the_same_bits_in_any_batch(string name, Precision precision)
    {
        using var model = ModelLoader.Load(GoldenDirectory.Of(name), new LoadOptions { Precision = precision, Executor = ExecutorKind.Simd, Threads = 3 });
        using var executor = model.CreateDecoderExecutor(6, 200);
        var driver = new DecoderDriver(executor);
        var random = new Random(5);
        var text = Tokens(random, 90, driver.VocabularySize);
        var expected = OneByOne(driver, text);
        for (var round = 0; round < 3; round++)
        {
            var sequence = DecoderDriver.Start();
            for (var at = 0; at < text.Length;)
            {
                var count = Math.Min(random.Next(1, 40), text.Length - at);
                var others = Enumerable.Range(0, random.Next(5)).Select(_ => (Sequence: DecoderDriver.Start(), Tokens: Tokens(random, random.Next(1, 30), driver.VocabularySize))).ToArray();
                var logits = driver.Step([.. others, (sequence, text[at..(at + count)])]);
                at += count;
                Assert.Equal(expected[at - 1], logits[^driver.VocabularySize..]);
                foreach (var other in others)
                    driver.End(other.Sequence);
            }

            driver.End(sequence);
        }
    }

    [Theory]
    [InlineData("llama3-rope-bf16", Precision.Auto)]
    [InlineData("llama-untied", Precision.Int8)]
    [InlineData("qwen3-sharded", Precision.Int4)]
    [InlineData("gpt2", Precision.BFloat16)]
    public void Steady_decoding_allocates_nothing(string name, Precision precision)
    {
        using var model = ModelLoader.Load(GoldenDirectory.Of(name), new LoadOptions { Precision = precision, Executor = ExecutorKind.Simd, Threads = 1 });
        using var executor = model.CreateDecoderExecutor(16, 64);
        var batch = new StepBatch();
        var logits = new float[4 * executor.Shape.VocabularySize];
        var blocks = Enumerable.Range(0, 4).Select(s => Enumerable.Range(s * 12, 12).ToList()).ToArray();
        long before = 0;
        for (var position = 0; position < 120; position++)
        {
            if (position == 70)
                before = GC.GetAllocatedBytesForCurrentThread();
            batch.Clear();
            for (var s = 0; s < 4; s++)
            {
                batch.TokenIds.Add((position * 7 + s) % 90);
                batch.Sequences.Add(new StepSequence(s, 1, position, blocks[s]));
                batch.LogitRows.Add(s);
            }

            executor.Execute(batch, logits);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Theory]
    [InlineData("llama3-rope-bf16")]
    [InlineData("gemma3")]
    public void Both_register_widths_give_the_same_within_rounding(string name)
    {
        using var model = ModelLoader.Load(GoldenDirectory.Of(name));
        using var weights = new SimdWeights(model.Weights, Precision.Auto);
        var text = Tokens(new Random(6), 60, model.Description.VocabularySize);
        var results = new KernelSet[] { new KernelSet<Lanes256>(), new KernelSet<Lanes512>() }.Select(kernels =>
        {
            using var executor = new SimdDecoderExecutor(model.Description, weights, 2, 16, 16, kernels);
            return new DecoderDriver(executor).Step([(DecoderDriver.Start(), text)]);
        }).ToArray();
        AssertClose(results[0], results[1], 5e-5);
    }

    [Theory]
    [InlineData(Precision.BFloat16, 0.999)]
    [InlineData(Precision.Int8, 0.995)]
    [InlineData(Precision.Int4, 0.9)]
    public void Lower_precision_stays_close_to_float32(Precision precision, double cosine)
    {
        var report = QualityReport.Measure(GoldenDirectory.Path, "qwen2", precision)!;
        Assert.InRange(report.MeanCosine, cosine, 1 - 1e-9);
    }

    [Fact]
    public void Auto_takes_simd_for_decoders_on_the_cpu_and_libtorch_for_the_rest()
    {
        using var decoder = ModelLoader.Load(GoldenDirectory.Of("llama-untied"));
        using (var executor = decoder.CreateDecoderExecutor(8, 8))
            Assert.IsType<SimdDecoderExecutor>(executor);
        using var forced = ModelLoader.Load(GoldenDirectory.Of("llama-untied"), new LoadOptions { Executor = ExecutorKind.Libtorch });
        using (var executor = forced.CreateDecoderExecutor(8, 8))
            Assert.IsType<TorchDecoderExecutor>(executor);
        using var encoder = ModelLoader.Load(GoldenDirectory.Of("bert-mean"));
        Assert.Equal(ExecutorKind.Libtorch, ExecutorChoice.For(encoder.Description, ExecutorKind.Auto, Precision.Auto, cuda: false));
        Assert.Equal(ExecutorKind.Libtorch, ExecutorChoice.For(decoder.Description, ExecutorKind.Auto, Precision.Auto, cuda: true));
        Assert.Contains("no decoder", Assert.Throws<NotSupportedException>(() => ExecutorChoice.For(encoder.Description, ExecutorKind.Simd, Precision.Auto, cuda: false)).Message, StringComparison.Ordinal);
    }

    private static void CompareWithLibtorch(string path, AttentionSpec? attention, double tolerance)
    {
        using var reference = ModelLoader.Load(path, new LoadOptions { Precision = Precision.Float32, Attention = attention, Executor = ExecutorKind.Libtorch, Threads = 1 });
        using var model = ModelLoader.Load(path, new LoadOptions { Precision = Precision.Float32, Attention = attention, Executor = ExecutorKind.Simd, Threads = 2 });
        using var expecting = reference.CreateDecoderExecutor(5, 120);
        using var executor = model.CreateDecoderExecutor(7, 90);
        var (a, b) = (new DecoderDriver(expecting), new DecoderDriver(executor));
        var random = new Random(path.Length);
        var sequences = Enumerable.Range(0, 4).Select(_ => (A: DecoderDriver.Start(), B: DecoderDriver.Start())).ToArray();
        for (var step = 0; step < 6; step++)
        {
            var some = sequences.Where(_ => random.Next(3) > 0).Select(s => (s.A, s.B, Tokens: Tokens(random, random.Next(2) == 0 ? 1 : random.Next(1, 40), a.VocabularySize))).ToArray();
            if (some.Length > 0)
                AssertClose(a.Step([.. some.Select(s => (s.A, s.Tokens))], all: true), b.Step([.. some.Select(s => (s.B, s.Tokens))], all: true), tolerance);
        }
    }

    private static float[][] OneByOne(DecoderDriver driver, int[] text)
    {
        var sequence = DecoderDriver.Start();
        var logits = text.Select(token => driver.Step([(sequence, [token])])).ToArray();
        driver.End(sequence);
        return logits;
    }

    private static int[] Tokens(Random random, int count, int vocabulary) => [.. Enumerable.Range(0, count).Select(_ => random.Next(vocabulary))];

    private static void AssertClose(float[] expected, float[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], tolerance);
    }

    private static bool IsDecoder(string name)
    {
        using var model = ModelLoader.Load(GoldenDirectory.Of(name));
        return model.Kind == ModelKind.Decoder;
    }
}
