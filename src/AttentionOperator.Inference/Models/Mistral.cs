using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Models.Blocks;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Models;

/// <summary>Mistral: every layer slides, where the config has a window.</summary>
internal static class Mistral
{
    public static ModelDescription Describe(ConfigReader config, TensorNames names, string architecture)
    {
        var window = config.Has("sliding_window") ? config.OptionalInt("sliding_window") : 4096;
        return new RotaryDecoder
        {
            Config = config,
            Names = names,
            Architecture = architecture,
            DefaultKeyValueHeads = 8,
            Window = window,
            IsSliding = _ => window is not null,
        }.Describe();
    }
}
