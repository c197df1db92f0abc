using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Models.Blocks;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Models;

/// <summary>Gemma 3 (text): per-head norms of queries and keys, every n-th layer full, another rotary base in the sliding layers.</summary>
internal static class Gemma3
{
    public static ModelDescription Describe(ConfigReader config, TensorNames names, string architecture)
    {
        var pattern = config.IntOr("sliding_window_pattern", 6);
        return (Gemma2.Common(config, names, architecture, defaultWindow: 4096, attentionCap: null, finalCap: null) with
        {
            QueryKeyNorm = true,
            DefaultTheta = 1_000_000,
            IsSliding = layer => (layer + 1) % pattern != 0,
            Rotary = (settings, sliding) => sliding
                ? settings with { ThetaField = "rope_local_base_freq", DefaultTheta = 10_000, UsesScaling = false }
                : settings,
        }).Describe();
    }
}
