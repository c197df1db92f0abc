using AttentionOperator.Inference.Models.Descriptions;
using TorchSharp;

namespace AttentionOperator.Inference.Execution.Torch;

/// <summary>
/// Attention by libtorch's scaled_dot_product_attention: one kernel that keeps no scores, where attention has no more to it than
/// scale and mask. On a GPU, many small kernels per sequence cost more than the arithmetic; on the CPU it is the same arithmetic.
/// </summary>
internal static class FusedAttention
{
    /// <summary>Capped scores and biases by distance need the scores themselves; block-sparse attention and rotation by length need each sequence alone.</summary>
    public static bool Fits(AttentionDescription attention) =>
        attention is { SoftCap: null, RelativeBias: null, Mask.Sparse: null, Rotary: null or { DependsOnLength: false } };

    /// <summary>
    /// Queries [b, kvHeads, rows, size], keys and values [b, kvHeads, keys, size] → [b, kvHeads, rows, size].
    /// <paramref name="bias"/>, broadcast over [b, kvHeads, rows, keys] and of the queries' type, is −∞ where the query does not see the key and else 0;
    /// null: it sees all, or what <paramref name="causal"/> says.
    /// </summary>
    public static torch.Tensor Attend(AttentionDescription attention, torch.Tensor queries, torch.Tensor keys, torch.Tensor values, torch.Tensor? bias, bool causal = false)
    {
        // The kernel's own scale is 1/√size.
        var factor = attention.Scale * Math.Sqrt(attention.HeadSize);
        if (Math.Abs(factor - 1) > 1e-6)
            queries = queries * (float)factor;
        return torch.nn.functional.scaled_dot_product_attention(queries, keys, values, bias, is_casual: causal);
    }

    /// <summary>Keys in multiples of this: the kernels read a bias in aligned pieces, and would copy it in every layer to pad it.</summary>
    public const int Alignment = 8;

    public static int Align(int length) => (length + Alignment - 1) / Alignment * Alignment;

    /// <summary>The bias of a mask that is true where the query does not see the key.</summary>
    public static torch.Tensor Bias(torch.Tensor hidden, torch.ScalarType type) =>
        torch.zeros(hidden.shape, dtype: type, device: hidden.device).masked_fill_(hidden, float.NegativeInfinity);

    /// <summary>[m, kvHeads, size] → [1, heads, m, size]: every query head with its keys, as the kernels for many rows want them.</summary>
    public static torch.Tensor PerHead(AttentionDescription attention, torch.Tensor keys)
    {
        var count = keys.shape[0];
        var heads = keys.permute(1, 0, 2);
        var group = attention.Heads / attention.KeyValueHeads;
        if (group > 1)
            heads = heads.unsqueeze(1).expand(attention.KeyValueHeads, group, count, attention.HeadSize).reshape(attention.Heads, count, attention.HeadSize);
        return heads.unsqueeze(0);
    }
}
