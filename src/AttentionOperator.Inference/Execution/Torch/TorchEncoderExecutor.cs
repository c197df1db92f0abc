using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Models.Descriptions;
using TorchSharp;

namespace AttentionOperator.Inference.Execution.Torch;

/// <summary>An encoder with its heads on libtorch.</summary>
internal sealed class TorchEncoderExecutor(ModelDescription model, TorchWeights weights, EmbeddingPooling pooling) : IEncoderExecutor, IMaskedLanguageModel
{
    private readonly StackDescription _stack = model.Encoder ?? throw new ArgumentException($"{model.Architecture} has no encoder", nameof(model));

    public int HiddenSize => model.HiddenSize;

    public int MaxPositions => model.MaxPositions;

    public int LabelCount => model.Labels.Count;

    public int VocabularySize => model.VocabularySize;

    internal PackedOperations Operations { get; } = new(weights);

    public void Execute(PackedBatch batch, EncoderOutput kind, Span<float> output)
    {
        using var mode = torch.inference_mode();
        using var scope = torch.NewDisposeScope();
        switch (kind)
        {
            case EncoderOutput.Embedding:
                TorchOutput.CopyTo(TorchPooling.Pool(pooling, Hidden(batch), batch.Starts), output);
                break;
            case EncoderOutput.Logits:
                var head = model.Classifier ?? throw new NotSupportedException($"{model.Architecture} has no classification head");
                TorchOutput.CopyTo(Head(head, Hidden(batch), batch.Starts), output);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, null);
        }
    }

    public void Execute(PackedBatch batch, IReadOnlyList<int> rows, Span<float> logits)
    {
        var head = model.MaskedLm ?? throw new NotSupportedException($"{model.Architecture} has no masked-language-model head");
        using var mode = torch.inference_mode();
        using var scope = torch.NewDisposeScope();
        var chosen = Hidden(batch).index_select(0, torch.tensor(rows.Select(r => (long)r).ToArray(), device: weights.Device));
        TorchOutput.CopyTo(Head(head, chosen, batch.Starts), logits);
    }

    public void Dispose() => Operations.Dispose();

    /// <summary>Hidden states [tokens, hidden] after the final norm, in the caller's dispose scope.</summary>
    internal torch.Tensor Hidden(PackedBatch batch)
    {
        PackedBatches.Verify(batch, model.VocabularySize, _stack.Embedding.Types?.Shape[0] ?? 0, model.MaxPositions);
        // A model with one token type ignores the pair's segment ids.
        var types = batch.TypeIds.Count == 0 || _stack.Embedding.Types is not { } table || table.Shape[0] == 1 ? null : batch.TypeIds;
        var hidden = Operations.Run(_stack, Operations.Begin(_stack.Embedding, batch.TokenIds, types, batch.Starts));
        if (_stack.FinalNorm is { } norm)
            hidden = Operations.Norm(norm, hidden);
        Operations.Observer?.Invoke(_stack.Layers.Count, hidden);
        return hidden;
    }

    internal torch.Tensor Head(HeadDescription head, torch.Tensor hidden, List<int> starts)
    {
        var x = head.Input switch
        {
            HeadInput.FirstToken => TorchPooling.Pool(new EmbeddingPooling(PoolingKind.Cls, Normalize: false), hidden, starts),
            HeadInput.Mean => TorchPooling.Pool(new EmbeddingPooling(PoolingKind.Mean, Normalize: false), hidden, starts),
            _ => hidden,
        };
        if (head.Dense is { } dense)
            x = Operations.Linear(dense, x);
        if (head.Activation is { } activation)
            x = TorchMath.Activate(activation, x);
        if (head.Norm is { } norm)
            x = Operations.Norm(norm, x);
        return head.Final is { } final ? Operations.Linear(final, x) : x;
    }
}
