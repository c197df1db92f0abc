using AttentionOperator.Inference.Memory;
using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Inference.Simd.Kernels;

namespace AttentionOperator.Inference.Simd;

/// <summary>The buffers of <see cref="SimdOperations"/>, which are kept: their sum at the largest step is also the peak.</summary>
/// <param name="Quantized">Matrices are in 8 or 4 bits.</param>
/// <param name="Widened">Matrices are in 16 bits.</param>
internal sealed record SimdActivationModel(ModelDescription Model, bool Quantized, bool Widened, int Workers) : IActivationModel
{
    public long Peak(int tokens, int context, int logitRows)
    {
        var layers = Model.Decoder!.Layers;
        long rows = tokens, chunk = Math.Min(tokens, SimdOperations.FeedForwardRows);
        long query = layers.Max(l => l.Attention.QuerySize), key = layers.Max(l => l.Attention.KeyValueSize);
        long inner = layers.Max(l => l.FeedForward.Up.OutputSize);
        var gated = layers.Any(l => l.FeedForward.Gate is not null);
        var floats = 4 * rows * Model.HiddenSize
            + rows * (2 * query + 2 * key)
            + chunk * inner * (gated ? 2 : 1)
            + (long)logitRows * Model.HiddenSize
            + Scores(tokens, context) * Workers
            + RotaryFloats(context);
        var input = Math.Max(rows * Math.Max(Model.HiddenSize, query), chunk * inner);
        return sizeof(float) * floats
            + (Quantized ? QuantizedBytes(input) : 0)
            + (Widened && tokens >= WidenedWeights.LeastRows ? sizeof(float) * WidenedWeights.ScratchFloats((int)Math.Max(Math.Max(Model.HiddenSize, query), inner)) * Workers : 0);
    }

    /// <summary>8-bit inputs with a scale and a sum per group.</summary>
    private static long QuantizedBytes(long values) => values + values / QuantizedRows.GroupSize * 2 * sizeof(float);

    /// <summary>Of the largest chunk of any layer, per worker.</summary>
    private long Scores(int tokens, int context) => Model.Decoder!.Layers.Max(layer =>
    {
        var attention = layer.Attention;
        var keys = AttentionSchedule.MaxPadded + (attention.Mask.Sparse is null ? Math.Min(context, (long)attention.Mask.Before + Math.Min(tokens, AttentionSchedule.MaxRows)) : context);
        var group = attention.Heads / attention.KeyValueHeads;
        return Math.Max(group * (keys + 1), Math.Min((long)Math.Min(tokens, AttentionSchedule.MaxRows) * (keys + 1), AttentionSchedule.MaxScores + AttentionSchedule.MaxRows * (AttentionSchedule.MaxPadded + 1L)));
    });

    /// <summary>Tables grow by doubling.</summary>
    private long RotaryFloats(int context) => Model.Decoder!.Layers
        .Select(l => l.Attention.Rotary).OfType<RotaryDescription>()
        .DistinctBy(r => (string.Join(' ', r.Frequencies), r.Attenuation))
        .Sum(r => 2L * Math.Min(2L * context, Model.MaxPositions) * r.Frequencies.Count);
}
