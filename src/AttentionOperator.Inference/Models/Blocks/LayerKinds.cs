using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Models.Blocks;

/// <summary>Which decoder layers slide a window: <c>layer_types</c> where it is there, else the family's own rule.</summary>
internal static class LayerKinds
{
    public const string Full = "full_attention", Sliding = "sliding_attention";

    /// <summary>[layers], true where the layer is sliding.</summary>
    public static bool[] Read(ConfigReader config, int layers, Func<int, bool> rule)
    {
        if (config.OptionalStrings("layer_types") is not { } types)
            return [.. Enumerable.Range(0, layers).Select(rule)];
        if (types.Count < layers)
            throw config.Error("layer_types", $"{types.Count} entries for {layers} layers");
        return [.. types.Take(layers).Select(t => t switch
        {
            Full => false,
            Sliding => true,
            _ => throw config.Unsupported("layer_types", t, Full, Sliding),
        })];
    }

    public static AttentionMask Mask(bool sliding, int? window) =>
        sliding && window is { } w ? AttentionMask.SlidingCausal(w) : AttentionMask.Causal;
}
