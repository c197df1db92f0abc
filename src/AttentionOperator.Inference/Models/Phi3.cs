using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Models.Blocks;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Models;

/// <summary>Phi-3 and Phi-3.5: fused projections, partial rotary, longrope.</summary>
internal static class Phi3
{
    public static ModelDescription Describe(ConfigReader config, TensorNames names, string architecture)
    {
        config.RequireFalse("attention_bias", "published checkpoints have none and the reference ignores the field");
        var window = config.OptionalInt("sliding_window");
        return new RotaryDecoder
        {
            Config = config,
            Names = names,
            Architecture = architecture,
            Fused = true,
            DefaultEpsilon = 1e-5,
            Window = window,
            IsSliding = _ => window is not null,
        }.Describe();
    }
}
