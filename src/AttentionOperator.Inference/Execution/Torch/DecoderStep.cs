using AttentionOperator.Inference.Models.Descriptions;
using TorchSharp;

namespace AttentionOperator.Inference.Execution.Torch;

/// <summary>Embedding, layers, final norm and logits of one step, for decoders and for the decoder side of encoder-decoders.</summary>
internal static class DecoderStep
{
    public static void Run(ModelDescription model, StackDescription stack, PagedOperations operations, StepBatch batch, Span<float> logits)
    {
        var hidden = operations.Run(stack, operations.Embed(stack.Embedding, batch.TokenIds, null, operations.PositionRows(stack.Embedding)));
        if (operations.Observer is { } observer)
            observer(stack.Layers.Count, stack.FinalNorm is { } last ? operations.Norm(last, hidden) : hidden);
        if (batch.LogitRows.Count == 0)
            return;
        if (batch.LogitRows.Count < batch.TokenIds.Count)
            hidden = hidden.index_select(0, torch.tensor(batch.LogitRows.ConvertAll(r => (long)r).ToArray(), device: operations.Weights.Device));
        if (stack.FinalNorm is { } norm)
            hidden = operations.Norm(norm, hidden);
        TorchOutput.Logits(model.Output!, operations, hidden, logits);
    }
}
