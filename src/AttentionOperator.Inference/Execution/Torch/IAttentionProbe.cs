using AttentionOperator.Inference.Models.Descriptions;
using TorchSharp;

namespace AttentionOperator.Inference.Execution.Torch;

/// <summary>Looks at attention as it is computed, without changing it.</summary>
internal interface IAttentionProbe
{
    /// <summary>
    /// Queries [n, heads, size] of the step's tokens from <paramref name="firstToken"/> on, at positions from
    /// <paramref name="queryStart"/>, against keys [m, kvHeads, size] at positions from <paramref name="keyStart"/>.
    /// </summary>
    void Observe(TorchAttention kernel, AttentionDescription attention, int layer, int firstToken, torch.Tensor queries, torch.Tensor keys, int queryStart, int keyStart);
}
