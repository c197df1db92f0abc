using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Execution.Torch;
using AttentionOperator.Inference.Memory;
using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Inference.Simd;
using AttentionOperator.Inference.Weights;

namespace AttentionOperator.Inference;

/// <summary>A checked model directory, from which executors are made. Must outlive its executors.</summary>
public sealed class LoadedModel : IDisposable
{
    private readonly Lazy<TorchWeights> _torch;
    private readonly Lazy<SimdWeights> _simd;

    internal LoadedModel(ModelDescription description, WeightStore weights, GenerationDefaults generation, EmbeddingPooling pooling, LoadOptions options)
    {
        (Description, Weights, Generation, Pooling, Options) = (description, weights, generation, pooling, options);
        _torch = new Lazy<TorchWeights>(() => TorchDevices.Open(Options, Weights));
        _simd = new Lazy<SimdWeights>(() => new SimdWeights(Weights, Options.Precision));
    }

    public ModelDescription Description { get; }

    public ModelKind Kind => Description.Kind;

    public WeightStore Weights { get; }

    public GenerationDefaults Generation { get; }

    public EmbeddingPooling Pooling { get; }

    public LoadOptions Options { get; }

    /// <summary>What the model needs in memory, run with these options.</summary>
    public MemoryPlan Plan() => MemoryPlanner.Plan(Description, Options.ToPlanOptions());

    /// <summary>A decoder with its own key-value cache of <paramref name="blockCount"/> blocks of <paramref name="blockSize"/> tokens.</summary>
    /// <exception cref="NotSupportedException">The options ask for what the device or the executor cannot do.</exception>
    public IDecoderExecutor CreateDecoderExecutor(int blockSize, int blockCount)
    {
        var model = Expect(ModelKind.Decoder);
        return ExecutorChoice.For(model, Options.Executor, Options.Precision, Options.Cuda) == ExecutorKind.Simd
            ? new SimdDecoderExecutor(model, _simd.Value, Options.Threads ?? Environment.ProcessorCount, blockSize, blockCount)
            : new TorchDecoderExecutor(model, _torch.Value, blockSize, blockCount);
    }

    /// <summary>An encoder with its heads. Where the architecture has a masked-language-model head, it is an <see cref="IMaskedLanguageModel"/> too.</summary>
    /// <param name="pooling">Null = what the model's folder says.</param>
    public IEncoderExecutor CreateEncoderExecutor(EmbeddingPooling? pooling = null) => new TorchEncoderExecutor(Expect(ModelKind.Encoder), _torch.Value, pooling ?? Pooling);

    /// <summary>An encoder-decoder; <paramref name="crossSlots"/> encoder outputs can be held at a time.</summary>
    public ISeq2SeqExecutor CreateSeq2SeqExecutor(int blockSize, int blockCount, int crossSlots) =>
        new TorchSeq2SeqExecutor(Expect(ModelKind.EncoderDecoder), _torch.Value, blockSize, blockCount, crossSlots);

    public void Dispose()
    {
        if (_torch.IsValueCreated)
            _torch.Value.Dispose();
        if (_simd.IsValueCreated)
            _simd.Value.Dispose();
        Weights.Dispose();
    }

    private ModelDescription Expect(ModelKind kind) =>
        Kind == kind ? Description : throw new InvalidOperationException($"{Description.Architecture} is no {kind}, it is {Kind}");
}
