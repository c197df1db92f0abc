using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Models.Blocks;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Models;

/// <summary>Qwen2 and Qwen2.5: biases on query, key and value; layers from max_window_layers on slide where use_sliding_window is set.</summary>
internal static class Qwen2
{
    public static ModelDescription Describe(ConfigReader config, TensorNames names, string architecture) =>
        (Common(config, names, architecture) with { QueryKeyValueBias = true }).Describe();

    /// <summary>What Qwen2 and Qwen3 share.</summary>
    public static RotaryDecoder Common(ConfigReader config, TensorNames names, string architecture)
    {
        var window = config.BoolOr("use_sliding_window", false) ? config.Has("sliding_window") ? config.OptionalInt("sliding_window") : 4096 : null;
        var firstSliding = config.IntOr("max_window_layers", 28, min: 0);
        return new RotaryDecoder
        {
            Config = config,
            Names = names,
            Architecture = architecture,
            DefaultKeyValueHeads = 32,
            Window = window,
            IsSliding = layer => window is not null && layer >= firstSliding,
        };
    }
}
