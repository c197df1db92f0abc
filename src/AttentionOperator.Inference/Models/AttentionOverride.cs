using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Models;

/// <summary>Replaces what tokens see by what an AttentionModel's <c>spec.attention</c> says. Of encoder-decoders, the encoder's.</summary>
public static class AttentionOverride
{
    private const int DefaultBlockSize = 64, DefaultGlobalTokens = 1, NeighbourBlocks = 1;

    /// <exception cref="ArgumentException">A number of the spec is missing or not positive.</exception>
    public static ModelDescription Apply(ModelDescription model, AttentionSpec? spec)
    {
        if (spec is null || spec.Kind == AttentionKind.Auto)
            return model;
        return model.Encoder is { } encoder
            ? model with { Encoder = Replace(encoder, spec) }
            : model with { Decoder = Replace(model.Decoder!, spec) };
    }

    private static StackDescription Replace(StackDescription stack, AttentionSpec spec) => stack with
    {
        Layers = [.. stack.Layers.Select(layer => layer with { Attention = layer.Attention with { Mask = Mask(layer.Attention.Mask.IsCausal, spec) } })],
    };

    private static AttentionMask Mask(bool causal, AttentionSpec spec)
    {
        var dense = causal ? AttentionMask.Causal : AttentionMask.Full;
        return spec.Kind switch
        {
            AttentionKind.Dense => dense,
            AttentionKind.SlidingWindow when Positive(spec.Window, null, "window") is var window => causal ? AttentionMask.SlidingCausal(window) : AttentionMask.Local(window / 2),
            AttentionKind.BlockSparse => dense with
            {
                Sparse = new BlockSparsePattern(Positive(spec.BlockSize, DefaultBlockSize, "blockSize"), NeighbourBlocks, NotNegative(spec.GlobalTokens ?? DefaultGlobalTokens)),
            },
            _ => throw new ArgumentException($"attention kind {spec.Kind} is not known", nameof(spec)),
        };
    }

    private static int Positive(int? value, int? otherwise, string name) =>
        (value ?? otherwise) is > 0 and var result ? result : throw new ArgumentException($"spec.attention.{name}: {value?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "missing"}, expected a positive number", nameof(value));

    private static int NotNegative(int value) =>
        value >= 0 ? value : throw new ArgumentException($"spec.attention.globalTokens: {value}, expected no negative number", nameof(value));
}
