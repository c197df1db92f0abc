using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Execution.Torch;
using AttentionOperator.Inference.Memory;
using AttentionOperator.Inference.Simd;
using AttentionOperator.Inference.Tests.Loading;

namespace AttentionOperator.Inference.Tests.Memory;

/// <summary>Plans against what the allocator counts.</summary>
[Collection(nameof(MemoryPlanTests))]
[CollectionDefinition(nameof(MemoryPlanTests), DisableParallelization = true)]
public sealed class MemoryPlanTests
{
    private const string Llama = """
        {"architectures": ["LlamaForCausalLM"], "hidden_size": 256, "num_attention_heads": 8, "num_key_value_heads": 4, "num_hidden_layers": 3,
         "vocab_size": 2000, "intermediate_size": 704, "max_position_embeddings": 4096, "torch_dtype": "float32", "tie_word_embeddings": false}
        """;

    [Theory]
    [InlineData("llama-untied")]
    [InlineData("gemma2")]
    [InlineData("phi3")]
    [InlineData("bert-seqcls")]
    [InlineData("t5")]
    public void Weights_of_the_stored_type_are_the_stored_bytes(string fixture)
    {
        using var model = ModelLoader.Load(GoldenDirectory.Of(fixture));
        var plan = MemoryPlanner.Plan(GoldenDirectory.Of(fixture), new MemoryPlanOptions { Precision = Precision.Float32 });
        Assert.Equal(model.Weights.Tensors.Values.Sum(t => t.ByteLength), plan.WeightBytes);
    }

    [Theory]
    [InlineData(512, 512)]
    [InlineData(1500, 1500)]
    public void Activations_are_within_a_tenth_of_the_allocators_peak(int tokens, int context)
    {
        using var files = TemporaryModel.Random(Llama, seed: 9);
        using var model = ModelLoader.Load(files.Path, new LoadOptions { Threads = 1, Executor = ExecutorKind.Libtorch });
        using var executor = (TorchDecoderExecutor)model.CreateDecoderExecutor(16, context / 16 + 1);
        var batch = Batch(tokens, executor.Shape.BlockCount);
        var logits = new float[executor.Shape.VocabularySize];
        executor.Execute(batch, logits);
        // Tensors that earlier tests dropped must not be freed, and so subtracted, while this one measures.
        GC.Collect();
        GC.WaitForPendingFinalizers();

        var before = Allocator.AllocatedBytes();
        long peak = 0;
        executor.Operations.Checkpoint = () => peak = Math.Max(peak, Allocator.AllocatedBytes() - before);
        executor.Execute(batch, logits);
        var planned = model.Plan().ActivationBytes(tokens, context, logitRows: 1);
        Assert.InRange(planned / (double)peak, 0.9, 1.1);
    }

    [Fact]
    public void Cache_and_converted_weights_are_within_a_tenth_of_what_is_allocated()
    {
        using var files = TemporaryModel.Random(Llama, seed: 10);
        using var model = ModelLoader.Load(files.Path, new LoadOptions { Threads = 1, Precision = Precision.BFloat16, Executor = ExecutorKind.Libtorch });
        TorchRuntime.Initialize(1);
        // What the library allocates once, at its first use, belongs to no model.
        using (var other = ModelLoader.Load(files.Path, new LoadOptions { Threads = 1, Precision = Precision.BFloat16, Executor = ExecutorKind.Libtorch }))
        using (var first = other.CreateDecoderExecutor(16, 2))
        {
            first.Execute(Batch(1, 1), new float[first.Shape.VocabularySize]);
        }

        var before = Allocator.AllocatedBytes();
        using var executor = model.CreateDecoderExecutor(16, 100);
        var cache = Allocator.AllocatedBytes() - before;
        Assert.InRange(1600 * model.Plan().KeyValueBytesPerToken / (double)cache, 0.9, 1.1);

        var logits = new float[executor.Shape.VocabularySize];
        executor.Execute(Batch(1, 1), logits);
        var converted = Allocator.AllocatedBytes() - before - cache;
        // The embedding's table is read from the file as it is stored.
        Assert.InRange((model.Plan().WeightBytes - 2000 * 256 * 4) / (double)converted, 0.9, 1.1);
    }

    [Theory]
    [InlineData(Precision.Auto, 600)]
    [InlineData(Precision.BFloat16, 300)]
    [InlineData(Precision.Int8, 600)]
    [InlineData(Precision.Int4, 40)]
    public void The_simd_executor_s_buffers_are_within_a_tenth_of_the_plan(Precision precision, int tokens)
    {
        using var files = TemporaryModel.Random(Llama, seed: 11);
        var before = NativeBuffer.Allocated;
        using var model = ModelLoader.Load(files.Path, new LoadOptions { Threads = 2, Precision = precision, Executor = ExecutorKind.Simd });
        var plan = model.Plan();
        using (var executor = model.CreateDecoderExecutor(16, 100))
        {
            var logits = new float[executor.Shape.VocabularySize];
            executor.Execute(Batch(tokens, executor.Shape.BlockCount), logits);
            // Matrices that are used as they are stored are the file's pages, and no buffer.
            var mapped = precision == Precision.Auto ? model.Weights.Tensors.Values.Where(t => t.Shape.Count > 1).Sum(t => t.ByteLength) : 2000L * 256 * 4;
            var planned = plan.TotalBytes(tokens, tokens, logitRows: 1, cacheTokens: 1600) - mapped;
            Assert.InRange(planned / (double)(NativeBuffer.Allocated - before), 0.9, 1.25);
        }

        model.Dispose();
        Assert.Equal(before, NativeBuffer.Allocated);
    }

    [Fact]
    public void Weights_stored_in_bfloat16_are_planned_as_they_are_stored()
    {
        using var model = ModelLoader.Load(GoldenDirectory.Of("llama3-rope-bf16"), new LoadOptions { Executor = ExecutorKind.Simd });
        var vectors = model.Weights.Tensors.Values.Where(t => t.Shape.Count == 1).Sum(t => t.ByteLength);
        Assert.Equal(model.Weights.Tensors.Values.Sum(t => t.ByteLength) + vectors, model.Plan().WeightBytes);
    }

    [Fact]
    public void The_largest_budget_is_the_largest_that_fits()
    {
        var plan = MemoryPlanner.Plan(GoldenDirectory.Of("llama-untied"), new MemoryPlanOptions());
        const long memory = 8 << 20;
        var budget = plan.LargestTokenBudget(memory, context: 512, logitRows: 8, cacheTokens: 1024);
        Assert.InRange(budget, 1, 1 << 20);
        Assert.True(plan.TotalBytes(budget, 512, 8, 1024) <= memory * (1 - MemoryPlan.Reserve));
        Assert.True(plan.TotalBytes(budget + 1, 512, 8, 1024) > memory * (1 - MemoryPlan.Reserve));
        Assert.Equal(0, plan.LargestTokenBudget(1000, 512, 8, 1024));
    }

    [Fact]
    public void Quantized_weights_shrink_by_their_bits()
    {
        long Weights(Precision precision) => MemoryPlanner.Plan(GoldenDirectory.Of("llama-untied"), new MemoryPlanOptions { Precision = precision }).WeightBytes;
        Assert.True(Weights(Precision.Int4) < Weights(Precision.Int8));
        Assert.True(Weights(Precision.Int8) < Weights(Precision.Float32) / 2);
    }

    private static StepBatch Batch(int tokens, int blocks)
    {
        var batch = new StepBatch();
        batch.TokenIds.AddRange(Enumerable.Range(0, tokens).Select(i => i % 97));
        batch.Sequences.Add(new StepSequence(0, tokens, 0, [.. Enumerable.Range(0, blocks)]));
        batch.LogitRows.Add(tokens - 1);
        return batch;
    }
}
