using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Fidelity;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Probes;
using TorchSharp;

namespace AttentionOperator.Inference.Tests.Execution;

/// <summary>What a step computes does not depend on how the work is cut or what else is in the batch.</summary>
public sealed class PagedExecutionTests
{
    [Theory]
    [InlineData("llama3-rope-bf16", ExecutorKind.Libtorch)]
    [InlineData("mistral-sliding", ExecutorKind.Libtorch)]
    [InlineData("gemma3", ExecutorKind.Libtorch)]
    [InlineData("gpt2", ExecutorKind.Libtorch)]
    [InlineData("llama3-rope-bf16", ExecutorKind.Simd)]
    [InlineData("mistral-sliding", ExecutorKind.Simd)]
    [InlineData("gemma3", ExecutorKind.Simd)]
    [InlineData("gpt2", ExecutorKind.Simd)]
    [InlineData("llama3-rope-bf16", ExecutorKind.Libtorch, true)]
    [InlineData("mistral-sliding", ExecutorKind.Libtorch, true)]
    [InlineData("gemma3", ExecutorKind.Libtorch, true)]
    [InlineData("gpt2", ExecutorKind.Libtorch, true)]
    public void Chunked_prefill_beside_others_gives_what_one_step_gives(string fixture, ExecutorKind kind, bool fused = false)
    {
        using var model = ModelLoader.Load(GoldenDirectory.Of(fixture), new LoadOptions { Executor = kind, FusedAttention = fused });
        using var executor = model.CreateDecoderExecutor(blockSize: 8, blockCount: 96);
        var driver = new DecoderDriver(executor);
        var random = new Random(3);
        int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(driver.VocabularySize))];
        var (text, other) = (Tokens(70), Tokens(45));
        var (whole, neighbour, cut) = (DecoderDriver.Start(), DecoderDriver.Start(), DecoderDriver.Start());
        var expected = driver.Step([(whole, text)]);
        float[] actual = [];
        for (int at = 0, step = 0; at < text.Length; step++)
        {
            var count = Math.Min(random.Next(1, 24), text.Length - at);
            var logits = driver.Step([(neighbour, other[(step * 3)..(step * 3 + 3)]), (cut, text[at..(at + count)])]);
            actual = logits[driver.VocabularySize..];
            at += count;
        }

        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-4);
    }

    /// <summary>Sequences of very different lengths decode together: several groups, padding, and windows that end inside it.</summary>
    [Theory]
    [InlineData("llama3-rope-bf16")]
    [InlineData("mistral-sliding")]
    [InlineData("gemma2")]
    [InlineData("gemma3")]
    [InlineData("phi3")]
    public void Decoding_together_in_groups_gives_what_each_alone_gives(string fixture)
    {
        using var model = ModelLoader.Load(GoldenDirectory.Of(fixture), new LoadOptions { Executor = ExecutorKind.Libtorch, FusedAttention = true, Precision = Precision.Float32 });
        using var executor = model.CreateDecoderExecutor(blockSize: 4, blockCount: 400);
        var driver = new DecoderDriver(executor);
        var random = new Random(11);
        int[] lengths = [1, 90, 7, 33, 64, 2];
        int[][] texts = [.. lengths.Select(l => Enumerable.Range(0, l + 4).Select(_ => random.Next(driver.VocabularySize)).ToArray())];
        var alone = texts.Select((text, i) => driver.Step([(DecoderDriver.Start(), text)])).ToArray();
        var sequences = texts.Select(_ => DecoderDriver.Start()).ToArray();
        driver.Step([.. sequences.Select((s, i) => (s, texts[i][..lengths[i]]))]);
        float[] together = [];
        for (var step = 0; step < 4; step++)
            together = driver.Step([.. sequences.Select((s, i) => (s, texts[i][(lengths[i] + step)..(lengths[i] + step + 1)]))]);
        for (var i = 0; i < texts.Length; i++)
            for (var v = 0; v < driver.VocabularySize; v++)
                Assert.Equal(alone[i][v], together[i * driver.VocabularySize + v], 1e-4);
    }

    /// <summary>One layer: in deeper ones, keys of tokens computed before the limit was passed come from hidden states of that time.</summary>
    [Theory]
    [InlineData(ExecutorKind.Libtorch)]
    [InlineData(ExecutorKind.Simd)]
    public void Length_dependent_rotation_applies_to_cached_keys_too(ExecutorKind kind)
    {
        using var files = Loading.TemporaryModel.Random("""
            {"architectures": ["Phi3ForCausalLM"], "hidden_size": 32, "num_attention_heads": 4, "num_key_value_heads": 2, "num_hidden_layers": 1,
             "vocab_size": 64, "intermediate_size": 48, "max_position_embeddings": 128, "original_max_position_embeddings": 32, "tie_word_embeddings": true,
             "rope_theta": 10000.0, "rope_scaling": {"type": "longrope", "short_factor": [1,1,1,1], "long_factor": [2,4,8,16]}}
            """, seed: 5);
        using var model = ModelLoader.Load(files.Path, new LoadOptions { Executor = kind });
        using var executor = model.CreateDecoderExecutor(8, 64);
        var driver = new DecoderDriver(executor);
        var text = Enumerable.Range(0, 50).Select(i => i * 7 % 64).ToArray();
        var (whole, cut) = (DecoderDriver.Start(), DecoderDriver.Start());
        var expected = driver.Step([(whole, text)]);
        driver.Step([(cut, text[..20])]);
        driver.Step([(cut, text[20..49])]);
        var actual = driver.Step([(cut, text[49..])]);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-4);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Steps_leave_no_tensor_behind(bool fused)
    {
        using var model = ModelLoader.Load(GoldenDirectory.Of("llama-untied"), new LoadOptions { Executor = ExecutorKind.Libtorch, FusedAttention = fused });
        using var executor = model.CreateDecoderExecutor(8, 64);
        var driver = new DecoderDriver(executor);
        var sequence = DecoderDriver.Start();
        driver.Step([(sequence, [1, 2, 3])]);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var i = 0; i < 20; i++)
            driver.Step([(sequence, [i])]);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [InlineData(ExecutorKind.Libtorch)]
    [InlineData(ExecutorKind.Simd)]
    public void Entropy_of_chosen_rows_is_part_of_the_entropy_of_all_and_leaves_the_logits_alone(ExecutorKind kind)
    {
        using var model = ModelLoader.Load(GoldenDirectory.Of("gemma2"), new LoadOptions { Executor = kind });
        using var executor = model.CreateDecoderExecutor(8, 64);
        var source = (IAttentionEntropySource)executor;
        var text = Enumerable.Range(0, 40).Select(i => 3 + i * 11 % 500).ToArray();
        var each = Enumerable.Range(0, text.Length).Select(row => Measure(new AttentionEntropy(new HashSet<int> { row }))).ToArray();
        var (all, logits) = Measure(new AttentionEntropy());
        for (var head = 0; head < 4; head++)
            Assert.Equal(each.Average(e => e.Entropy.MeanByHead(1)[head]), all.MeanByHead(1)[head], 1e-5);
        Assert.InRange(all.MeanNormalized(0), 0.01, 1);
        Assert.All(each, e => Assert.Equal(logits, e.Logits));

        (AttentionEntropy Entropy, float[] Logits) Measure(AttentionEntropy entropy)
        {
            var batch = new StepBatch();
            batch.TokenIds.AddRange(text);
            batch.Sequences.Add(new StepSequence(0, text.Length, 0, [.. Enumerable.Range(0, 8)]));
            batch.LogitRows.Add(text.Length - 1);
            var row = new float[executor.Shape.VocabularySize];
            source.Execute(batch, row, entropy);
            return (entropy, row);
        }
    }

    [Theory]
    [InlineData(3, 0, 1, 3, "do not hold")]
    [InlineData(3, 0, 99, 3, "block 99")]
    [InlineData(3, 9999, 1, 3, "positions")]
    [InlineData(2, 0, 1, 3, "own")]
    [InlineData(3, 0, 1, 600, "vocabulary")]
    public void A_wrong_step_is_refused_before_it_runs(int count, int context, int block, int id, string problem)
    {
        using var model = ModelLoader.Load(GoldenDirectory.Of("llama-untied"));
        using var executor = model.CreateDecoderExecutor(2, 8);
        var batch = new StepBatch();
        batch.TokenIds.AddRange([1, 2, id]);
        batch.Sequences.Add(new StepSequence(0, count, context, problem == "do not hold" ? [block] : [block, 2]));
        Assert.Contains(problem, Assert.Throws<ArgumentException>(() => executor.Execute(batch, [])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Float16_on_the_cpu_is_refused_with_what_to_do()
    {
        using var model = ModelLoader.Load(GoldenDirectory.Of("llama2-spm-f16"), new LoadOptions { Precision = Precision.Float16 });
        Assert.Contains("choose float32 or bfloat16", Assert.Throws<NotSupportedException>(() => model.CreateDecoderExecutor(8, 8)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AttentionKind.SlidingWindow, null, null, "window")]
    [InlineData(AttentionKind.BlockSparse, 0, null, "blockSize")]
    [InlineData(AttentionKind.BlockSparse, 8, -1, "globalTokens")]
    public void Wrong_numbers_for_attention_are_refused_by_name(AttentionKind kind, int? blockSize, int? globalTokens, string field)
    {
        var options = new LoadOptions { Attention = new AttentionSpec { Kind = kind, BlockSize = blockSize, GlobalTokens = globalTokens } };
        Assert.Contains(field, Assert.Throws<ArgumentException>(() => ModelLoader.Load(GoldenDirectory.Of("bert-mean"), options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Block_sparse_encoding_of_a_text_within_one_block_equals_dense()
    {
        var text = Enumerable.Range(0, 30).ToArray();
        Assert.Equal(Encode(null), Encode(new AttentionSpec { Kind = AttentionKind.BlockSparse, BlockSize = 64 }), new Close());
        Assert.NotEqual(Encode(null), Encode(new AttentionSpec { Kind = AttentionKind.BlockSparse, BlockSize = 4, GlobalTokens = 1 }), new Close());

        float[] Encode(AttentionSpec? attention)
        {
            using var model = ModelLoader.Load(GoldenDirectory.Of("bert-mean"), new LoadOptions { Attention = attention });
            using var executor = model.CreateEncoderExecutor();
            var batch = new PackedBatch();
            batch.TokenIds.AddRange(text);
            batch.Starts.Add(text.Length);
            var output = new float[executor.HiddenSize];
            executor.Execute(batch, EncoderOutput.Embedding, output);
            return output;
        }
    }

    private sealed class Close : IEqualityComparer<float>
    {
        public bool Equals(float x, float y) => Math.Abs(x - y) <= 1e-5;

        public int GetHashCode(float value) => 0;
    }
}
