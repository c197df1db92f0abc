using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Models.Blocks;

internal static class Activations
{
    private static readonly Dictionary<string, ActivationKind> Names = new(StringComparer.Ordinal)
    {
        ["relu"] = ActivationKind.Relu,
        ["silu"] = ActivationKind.Silu,
        ["swish"] = ActivationKind.Silu,
        ["gelu"] = ActivationKind.Gelu,
        ["gelu_python"] = ActivationKind.Gelu,
        ["gelu_new"] = ActivationKind.GeluTanh,
        ["gelu_fast"] = ActivationKind.GeluTanh,
        ["gelu_pytorch_tanh"] = ActivationKind.GeluTanh,
        ["gelu_accurate"] = ActivationKind.GeluTanh,
        ["quick_gelu"] = ActivationKind.QuickGelu,
        ["tanh"] = ActivationKind.Tanh,
    };

    /// <summary>Reads the first of the fields that is there.</summary>
    public static ActivationKind Activation(this ConfigReader config, string field, string otherwise)
    {
        var name = config.OptionalString(field) ?? otherwise;
        return Names.TryGetValue(name, out var kind) ? kind : throw config.Unsupported(field, name, Names.Keys);
    }
}
