using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Inference.Probes;
using AttentionOperator.Inference.Simd.Kernels;
using AttentionOperator.Inference.Simd.Threading;

namespace AttentionOperator.Inference.Simd;

/// <summary>A decoder in managed SIMD code over the mapped weights. A step allocates nothing once its buffers have the size of the largest step.</summary>
internal sealed unsafe class SimdDecoderExecutor : IDecoderExecutor, IAttentionEntropySource
{
    private readonly ModelDescription _model;
    private readonly KernelSet _kernels;
    private readonly WorkerPool _pool;
    private readonly SimdPagedCache _cache;
    private readonly SimdOperations _operations;
    private readonly NativeBuffer _selected = new();

    public SimdDecoderExecutor(ModelDescription model, SimdWeights weights, int threads, int blockSize, int blockCount, KernelSet? kernels = null)
    {
        _model = model;
        Shape = new DecoderShape(model.VocabularySize, model.MaxPositions, blockSize, blockCount);
        _kernels = kernels ?? KernelSet.Best;
        foreach (var linear in DescriptionTensors.LinearsOf(model))
            weights.Matrix(linear);
        _cache = new SimdPagedCache(model.Decoder!, blockSize, blockCount, weights.CacheType);
        _pool = new WorkerPool(threads);
        _operations = new SimdOperations(model, weights, _cache, _kernels, _pool);
    }

    public DecoderShape Shape { get; }

    public void Execute(StepBatch batch, Span<float> logits)
    {
        StepBatches.Verify(batch, Shape, logits.Length);
        var hidden = _operations.Run(batch);
        if (batch.LogitRows.Count == 0)
            return;
        var rows = new RowsView(_selected.ReserveFloats((long)batch.LogitRows.Count * _model.HiddenSize), _model.HiddenSize, batch.LogitRows.Count);
        for (var i = 0; i < rows.Rows; i++)
            new Span<float>(hidden.Row(batch.LogitRows[i]), _model.HiddenSize).CopyTo(new Span<float>(rows.Row(i), _model.HiddenSize));
        if (_model.Decoder!.FinalNorm is { } norm)
            _operations.Norm(norm, rows, rows);
        fixed (float* target = logits)
            Project(_model.Output!, rows, new RowsView(target, _model.VocabularySize, rows.Rows));
    }

    public void Execute(StepBatch batch, Span<float> logits, AttentionEntropy entropy)
    {
        _operations.Entropy = entropy;
        try
        {
            Execute(batch, logits);
        }
        finally
        {
            _operations.Entropy = null;
        }
    }

    public void Dispose()
    {
        _pool.Dispose();
        _operations.Dispose();
        _cache.Dispose();
        _selected.Dispose();
    }

    private void Project(OutputDescription output, RowsView rows, RowsView logits)
    {
        for (var i = 0; i < rows.Rows && output.InputScale != 1; i++)
            _kernels.Scale(rows.Row(i), output.InputScale, _model.HiddenSize);
        _operations.Linear(output.Projection, rows, logits);
        for (var i = 0; i < rows.Rows && output.SoftCap is not null; i++)
            _kernels.SoftCap(logits.Row(i), output.SoftCap.Value, _model.VocabularySize);
    }
}
