using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Models.Blocks;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Models;

/// <summary>Llama 2 and 3.</summary>
internal static class Llama
{
    public static ModelDescription Describe(ConfigReader config, TensorNames names, string architecture)
    {
        var bias = config.BoolOr("attention_bias", false);
        return new RotaryDecoder
        {
            Config = config,
            Names = names,
            Architecture = architecture,
            QueryKeyValueBias = bias,
            OutputBias = bias,
            FeedForwardBias = config.BoolOr("mlp_bias", false),
        }.Describe();
    }
}
