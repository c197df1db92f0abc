using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Inference.Probes;
using TorchSharp;

namespace AttentionOperator.Inference.Execution.Torch;

/// <summary>A decoder on libtorch.</summary>
internal sealed class TorchDecoderExecutor : IDecoderExecutor, IAttentionEntropySource
{
    private readonly ModelDescription _model;
    private readonly StackDescription _stack;
    private readonly TorchPagedCache _cache;
    private readonly PagedOperations _operations;

    public TorchDecoderExecutor(ModelDescription model, TorchWeights weights, int blockSize, int blockCount)
    {
        _model = model;
        _stack = model.Decoder ?? throw new ArgumentException($"{model.Architecture} has no decoder", nameof(model));
        Shape = new DecoderShape(model.VocabularySize, model.MaxPositions, blockSize, blockCount);
        _cache = new TorchPagedCache(_stack, blockSize, blockCount, weights.Type, weights.Device);
        _operations = new PagedOperations(weights, _cache);
    }

    public DecoderShape Shape { get; }

    internal TorchOperations Operations => _operations;

    public void Execute(StepBatch batch, Span<float> logits)
    {
        StepBatches.Verify(batch, Shape, logits.Length);
        using var mode = torch.inference_mode();
        using var scope = torch.NewDisposeScope();
        _operations.Begin(batch);
        try
        {
            DecoderStep.Run(_model, _stack, _operations, batch, logits);
        }
        finally
        {
            _operations.End();
        }
    }

    public void Execute(StepBatch batch, Span<float> logits, AttentionEntropy entropy)
    {
        _operations.Probe = new TorchEntropyProbe(entropy);
        try
        {
            Execute(batch, logits);
        }
        finally
        {
            _operations.Probe = null;
        }
    }

    public void Dispose()
    {
        _operations.Dispose();
        _cache.Dispose();
    }
}
