using AttentionOperator.Inference.Execution.Torch;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Memory;

/// <summary>
/// Peak of the libtorch executor's intermediate results: at any time the residual streams, and the results of one sublayer.
/// The terms follow <see cref="TorchOperations"/>; a test compares them with the allocator's count.
/// </summary>
/// <param name="Model">What is computed.</param>
/// <param name="ElementSize">Bytes per element of the arithmetic's type.</param>
/// <param name="Fused">Sequences are attended to in groups, as on a GPU.</param>
internal sealed record ActivationModel(ModelDescription Model, int ElementSize, bool Fused = false) : IActivationModel
{
    /// <summary>Of a mask's element: a distance and two truth values.</summary>
    private const int MaskBytes = 8 + 1 + 1;

    private const int Float32 = 4;

    public long Peak(int tokens, int context, int logitRows)
    {
        // The embedding's output, the last layer's output, and the norm's output feed whatever is computed.
        var residual = 3L * tokens * Model.HiddenSize * ElementSize;
        var sublayer = new[] { Model.Encoder, Model.Decoder }.OfType<StackDescription>()
            .SelectMany(s => s.Layers)
            .Max(layer => Math.Max(Attention(layer.Attention, tokens, context), FeedForward(layer.FeedForward, tokens)));
        return residual + Math.Max(sublayer, Logits(logitRows));
    }

    private long Attention(AttentionDescription attention, int tokens, int context)
    {
        long query = attention.QuerySize, key = attention.KeyValueSize;
        var projected = query + 2 * key;
        if (attention.QueryNorm is not null)
            projected += query + key;
        if (attention.Rotary is not null)
            projected += query + key;
        // Gathered keys and values, the grouped queries of a chunk, and the result before and after its transposition.
        var gathered = Fused ? Math.Max(context, Math.Min((long)tokens * context, DecodeGroup.MaxGathered)) : context;
        // Groups of an encoder pad queries, keys, values and results to less than twice their tokens.
        var moved = 2L * key * gathered + (Fused ? 9L : 3L) * query * tokens;
        var scores = Math.Min(TorchAttention.MaxScores, (long)attention.Heads * tokens * context);
        return ElementSize * (projected * tokens + moved) + scores * (2 * Float32) + scores / attention.Heads * MaskBytes;
    }

    private long FeedForward(FeedForwardDescription feedForward, int tokens)
    {
        long inner = feedForward.Up.OutputSize;
        long copies = feedForward.Activation switch
        {
            ActivationKind.Relu or ActivationKind.Silu => 1,
            ActivationKind.GeluTanh or ActivationKind.QuickGelu => 3,
            _ => 2,
        };
        if (feedForward.Gate is not null)
            copies++;
        // The stream with attention added, its norm, and the result.
        return ElementSize * (copies * inner * tokens + 3L * Model.HiddenSize * tokens);
    }

    private long Logits(int rows) =>
        Model.Output is null ? 0 : (long)rows * Model.VocabularySize * (Float32 + (ElementSize == Float32 ? 0 : ElementSize)) + 2L * rows * Model.HiddenSize * ElementSize;
}
