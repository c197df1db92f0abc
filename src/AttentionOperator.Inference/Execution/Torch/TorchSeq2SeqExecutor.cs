using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Inference.Probes;
using TorchSharp;

namespace AttentionOperator.Inference.Execution.Torch;

/// <summary>An encoder-decoder on libtorch.</summary>
internal sealed class TorchSeq2SeqExecutor : ISeq2SeqExecutor, IAttentionEntropySource
{
    private readonly ModelDescription _model;
    private readonly TorchPagedCache _cache;

    public TorchSeq2SeqExecutor(ModelDescription model, TorchWeights weights, int blockSize, int blockCount, int crossSlots)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(crossSlots);
        _model = model;
        Shape = new DecoderShape(model.VocabularySize, model.MaxPositions, blockSize, blockCount);
        CrossSlotCount = crossSlots;
        _cache = new TorchPagedCache(model.Decoder!, blockSize, blockCount, weights.Type, weights.Device);
        Encoder = new PackedOperations(weights);
        Decoder = new CrossOperations(weights, _cache, crossSlots);
    }

    public DecoderShape Shape { get; }

    public int DecoderStartTokenId => _model.DecoderStartId!.Value;

    public int CrossSlotCount { get; }

    public int MaxEncoderPositions => _model.MaxPositions;

    internal PackedOperations Encoder { get; }

    internal CrossOperations Decoder { get; }

    public void Encode(int slot, ReadOnlySpan<int> inputIds)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)CrossSlotCount, nameof(slot));
        if (inputIds.Length == 0 || inputIds.Length > MaxEncoderPositions)
            throw new ArgumentException($"{inputIds.Length} tokens, the encoder takes 1 to {MaxEncoderPositions}", nameof(inputIds));
        using var mode = torch.inference_mode();
        using var scope = torch.NewDisposeScope();
        Decoder.Fill(slot, _model.Decoder!, Hidden(inputIds));
    }

    public void Release(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)CrossSlotCount, nameof(slot));
        Decoder.Release(slot);
    }

    public void Execute(StepBatch batch, Span<float> logits)
    {
        StepBatches.Verify(batch, Shape, logits.Length);
        for (var i = 0; i < batch.Sequences.Count; i++)
            if (batch.Sequences[i].CrossSlot is var slot && ((uint)slot >= (uint)CrossSlotCount || !Decoder.IsFilled(slot)))
                throw new ArgumentException($"sequence {i}: nothing is encoded in cross slot {slot}", nameof(batch));
        using var mode = torch.inference_mode();
        using var scope = torch.NewDisposeScope();
        Decoder.Begin(batch);
        try
        {
            DecoderStep.Run(_model, _model.Decoder!, Decoder, batch, logits);
        }
        finally
        {
            Decoder.End();
        }
    }

    public void Execute(StepBatch batch, Span<float> logits, AttentionEntropy entropy)
    {
        Decoder.Probe = new TorchEntropyProbe(entropy);
        try
        {
            Execute(batch, logits);
        }
        finally
        {
            Decoder.Probe = null;
        }
    }

    public void Dispose()
    {
        Encoder.Dispose();
        Decoder.Dispose();
        _cache.Dispose();
    }

    /// <summary>The encoder's output [n, hidden], in the caller's dispose scope.</summary>
    internal torch.Tensor Hidden(ReadOnlySpan<int> inputIds)
    {
        var stack = _model.Encoder!;
        List<int> ids = [.. inputIds];
        var hidden = Encoder.Run(stack, Encoder.Begin(stack.Embedding, ids, null, [0, ids.Count]));
        if (stack.FinalNorm is { } norm)
            hidden = Encoder.Norm(norm, hidden);
        Encoder.Observer?.Invoke(stack.Layers.Count, hidden);
        return hidden;
    }
}
