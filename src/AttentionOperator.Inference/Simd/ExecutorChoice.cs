using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Inference.Simd.Kernels;

namespace AttentionOperator.Inference.Simd;

/// <summary>Which executor runs a model.</summary>
internal static class ExecutorChoice
{
    /// <summary>Never <see cref="ExecutorKind.Auto"/>.</summary>
    /// <exception cref="NotSupportedException">The SIMD executor is asked for and cannot run this.</exception>
    public static ExecutorKind For(ModelDescription model, ExecutorKind wanted, Precision precision, bool cuda)
    {
        if (wanted == ExecutorKind.Libtorch)
            return ExecutorKind.Libtorch;
        var obstacle = Obstacle(model, precision, cuda);
        if (wanted == ExecutorKind.Simd)
            return obstacle is null ? ExecutorKind.Simd : throw new NotSupportedException($"the SIMD executor cannot run this model: {obstacle}; choose Auto or Libtorch");
        return obstacle is null && KernelSet.IsAccelerated ? ExecutorKind.Simd : ExecutorKind.Libtorch;
    }

    private static string? Obstacle(ModelDescription model, Precision precision, bool cuda)
    {
        if (model.Kind != ModelKind.Decoder)
            return $"{model.Architecture} is no decoder, it is {model.Kind}";
        if (cuda)
            return "it computes on the CPU, and CUDA is asked for";
        if (precision == Precision.Float16)
            return "float16 arithmetic needs a GPU";
        if (model.Decoder!.Layers.Any(l => l.CrossAttention is not null || l.Attention.RelativeBias is not null || !l.Attention.Mask.IsCausal))
            return "cross-attention, relative positions and attention to later tokens are not among its operations";
        return DescriptionTensors.LinearsOf(model).Any(l => l.InputMajor && l.Rows.Groups > 1)
            ? "a transposed projection is interleaved by heads"
            : null;
    }
}
