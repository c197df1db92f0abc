using AttentionOperator.Inference.Models.Descriptions;
using TorchSharp;
using static TorchSharp.torch.nn;

namespace AttentionOperator.Inference.Execution.Torch;

/// <summary>Operations without state.</summary>
internal static class TorchMath
{
    /// <summary>May overwrite its input.</summary>
    public static torch.Tensor Activate(ActivationKind kind, torch.Tensor x) => kind switch
    {
        ActivationKind.Relu => x.relu_(),
        ActivationKind.Silu => functional.silu(x, inplace: true),
        ActivationKind.Gelu => functional.gelu(x),
        ActivationKind.GeluTanh => TanhGelu(x),
        ActivationKind.QuickGelu => x * torch.sigmoid(x * 1.702f),
        ActivationKind.Tanh => torch.tanh(x),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    public static torch.Tensor Norm(NormDescription norm, torch.Tensor x, torch.Tensor weight, torch.Tensor? bias)
    {
        var type = x.dtype;
        if (type != torch.ScalarType.Float32)
            x = x.to_type(torch.ScalarType.Float32);
        torch.Tensor result;
        if (norm.Kind == NormKind.LayerNorm)
        {
            result = functional.layer_norm(x, [norm.Size], weight, bias, norm.Epsilon);
        }
        else
        {
            using var variance = x.square().mean([-1L], keepdim: true);
            result = x * variance.add_(norm.Epsilon).rsqrt_();
            result = norm.WeightOffset == 0 ? result.mul_(weight) : result.mul_(weight + norm.WeightOffset);
        }

        return type == torch.ScalarType.Float32 ? result : result.to_type(type);
    }

    /// <summary>Rotates the first 2·pairs dimensions of [tokens, heads, size] by the angles whose cosines and sines are [tokens, 1, pairs].</summary>
    public static torch.Tensor Rotate(torch.Tensor x, torch.Tensor cos, torch.Tensor sin)
    {
        using var scope = torch.NewDisposeScope();
        var (pairs, size) = (cos.shape[2], x.shape[2]);
        var type = x.dtype;
        var first = x.narrow(2, 0, pairs).to_type(torch.ScalarType.Float32);
        var second = x.narrow(2, pairs, pairs).to_type(torch.ScalarType.Float32);
        var low = (first * cos).sub_(second * sin).to_type(type);
        var high = (second * cos).add_(first * sin).to_type(type);
        var rotated = size == 2 * pairs ? torch.cat([low, high], 2) : torch.cat([low, high, x.narrow(2, 2 * pairs, size - 2 * pairs)], 2);
        return rotated.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Rotates all dimensions of [tokens, heads, size]: x·cos + roll(x)·sin, where cos and sin are [tokens, 1, size], the sines of the first half
    /// negative; in fewer operations than <see cref="Rotate"/>, which counts on a GPU.
    /// </summary>
    public static torch.Tensor RotateWhole(torch.Tensor x, torch.Tensor cos, torch.Tensor sin)
    {
        using var scope = torch.NewDisposeScope();
        var rotated = (x * cos).addcmul_(x.roll(x.shape[2] / 2, 2).to_type(torch.ScalarType.Float32), sin, 1);
        return rotated.to_type(x.dtype).MoveToOuterDisposeScope();
    }

    public static torch.Tensor SoftCap(torch.Tensor x, float cap) => x.div(cap).tanh_().mul_(cap);

    private static torch.Tensor TanhGelu(torch.Tensor x)
    {
        using var cube = x.pow(3);
        using var inner = cube.mul_(0.044715f).add_(x).mul_((float)Math.Sqrt(2 / Math.PI)).tanh_().add_(1f);
        return inner.mul(x).mul_(0.5f);
    }
}
