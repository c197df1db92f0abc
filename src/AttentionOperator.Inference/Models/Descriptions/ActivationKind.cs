namespace AttentionOperator.Inference.Models.Descriptions;

public enum ActivationKind
{
    Relu,

    /// <summary>x · sigmoid(x).</summary>
    Silu,

    /// <summary>x/2 · (1 + erf(x/√2)).</summary>
    Gelu,

    /// <summary>x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))).</summary>
    GeluTanh,

    /// <summary>x · sigmoid(1.702 x).</summary>
    QuickGelu,

    Tanh,
}
