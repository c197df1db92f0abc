using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Models.Blocks;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Models;

/// <summary>Gemma 2: norms around the sublayers, soft caps, every second layer (the first included) sliding.</summary>
internal static class Gemma2
{
    public static ModelDescription Describe(ConfigReader config, TensorNames names, string architecture) =>
        (Common(config, names, architecture, defaultWindow: 4096, attentionCap: 50, finalCap: 30) with { IsSliding = layer => layer % 2 == 0 }).Describe();

    /// <summary>What Gemma 2 and 3 share.</summary>
    public static RotaryDecoder Common(ConfigReader config, TensorNames names, string architecture, int defaultWindow, float? attentionCap, float? finalCap)
    {
        config.RequireFalse("use_bidirectional_attention", "the decoder would not be causal");
        var bias = config.BoolOr("attention_bias", false);
        float? Cap(string field, float? absent) => config.Has(field) ? (float?)config.OptionalNumber(field, 1e-3, 1e6) : absent;
        return new RotaryDecoder
        {
            Config = config,
            Names = names,
            Architecture = architecture,
            DefaultKeyValueHeads = 4,
            DefaultHeadSize = 256,
            QueryKeyValueBias = bias,
            OutputBias = bias,
            Gemma = true,
            ActivationField = "hidden_activation",
            DefaultActivation = "gelu_pytorch_tanh",
            DefaultTied = true,
            ScaleBase = config.NumberOr("query_pre_attn_scalar", 256, 1e-3, 1e6),
            SoftCap = Cap("attn_logit_softcapping", attentionCap),
            FinalSoftCap = Cap("final_logit_softcapping", finalCap),
            Window = config.Has("sliding_window") ? config.OptionalInt("sliding_window") : defaultWindow,
        };
    }
}
