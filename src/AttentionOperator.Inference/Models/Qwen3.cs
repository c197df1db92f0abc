using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Models.Blocks;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Models;

/// <summary>Qwen3 (dense): per-head norms of queries and keys.</summary>
internal static class Qwen3
{
    public static ModelDescription Describe(ConfigReader config, TensorNames names, string architecture)
    {
        var bias = config.BoolOr("attention_bias", false);
        return (Qwen2.Common(config, names, architecture) with { DefaultHeadSize = 128, QueryKeyNorm = true, QueryKeyValueBias = bias, OutputBias = bias }).Describe();
    }
}
