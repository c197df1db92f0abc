namespace AttentionOperator.Inference.Simd;

/// <summary>A norm's vectors in float32; null where there is none.</summary>
internal readonly unsafe struct NormParameters(float* weight, float* bias)
{
    public readonly float* Weight = weight;
    public readonly float* Bias = bias;
}
