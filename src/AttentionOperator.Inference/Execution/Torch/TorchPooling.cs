using AttentionOperator.Inference.Configuration;
using TorchSharp;

namespace AttentionOperator.Inference.Execution.Torch;

internal static class TorchPooling
{
    /// <summary>Smallest divisor of a normalisation, as in the reference.</summary>
    private const float NormFloor = 1e-12f;

    /// <summary>[tokens, hidden] → [sequences, hidden], float32.</summary>
    public static torch.Tensor Pool(EmbeddingPooling pooling, torch.Tensor hidden, List<int> starts)
    {
        var vectors = new List<torch.Tensor>(starts.Count - 1);
        for (var s = 0; s + 1 < starts.Count; s++)
            vectors.Add(One(pooling.Kind, hidden.narrow(0, starts[s], starts[s + 1] - starts[s]).to_type(torch.ScalarType.Float32)));
        var pooled = torch.stack(vectors, 0);
        return pooling.Normalize ? pooled / pooled.norm(1, keepdim: true, p: 2f).clamp_min(NormFloor) : pooled;
    }

    private static torch.Tensor One(PoolingKind kind, torch.Tensor tokens) => kind switch
    {
        PoolingKind.Cls => tokens[0],
        PoolingKind.Mean => tokens.mean([0L]),
        PoolingKind.Max => tokens.amax([0L]),
        PoolingKind.MeanSqrtLength => tokens.sum(0) / MathF.Sqrt(tokens.shape[0]),
        PoolingKind.LastToken => tokens[^1],
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
