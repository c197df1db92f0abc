using System.Runtime.CompilerServices;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Simd.Kernels;

/// <summary>Operations on one row: norms, activations, softmax, sums.</summary>
internal static unsafe class RowKernels<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>The norm of x; target may be x. Sums are accumulated in float32 lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Norm(NormKind kind, float* x, float* weight, float* bias, float epsilon, int size, float* target)
    {
        float mean = 0;
        if (kind == NormKind.LayerNorm)
        {
            var sum = TLanes.Zero;
            var s = 0;
            for (; s <= size - TLanes.Count; s += TLanes.Count)
                sum += TLanes.Load(x + s);
            var total = TLanes.Sum(sum);
            for (; s < size; s++)
                total += x[s];
            mean = total / size;
        }

        var (shift, squares) = (TLanes.Broadcast(mean), TLanes.Zero);
        var i = 0;
        for (; i <= size - TLanes.Count; i += TLanes.Count)
        {
            var v = TLanes.Load(x + i) - shift;
            squares = TLanes.MultiplyAdd(v, v, squares);
        }

        var variance = TLanes.Sum(squares);
        for (; i < size; i++)
            variance += (x[i] - mean) * (x[i] - mean);
        var factor = 1 / MathF.Sqrt(variance / size + epsilon);
        var scale = TLanes.Broadcast(factor);
        i = 0;
        for (; i <= size - TLanes.Count; i += TLanes.Count)
        {
            var v = (TLanes.Load(x + i) - shift) * scale * TLanes.Load(weight + i);
            TLanes.Store(bias == null ? v : v + TLanes.Load(bias + i), target + i);
        }

        for (; i < size; i++)
            target[i] = (x[i] - mean) * factor * weight[i] + (bias == null ? 0 : bias[i]);
    }

    /// <summary>target += x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(float* target, float* x, int size)
    {
        var i = 0;
        for (; i <= size - TLanes.Count; i += TLanes.Count)
            TLanes.Store(TLanes.Load(target + i) + TLanes.Load(x + i), target + i);
        for (; i < size; i++)
            target[i] += x[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(float* target, float factor, int size)
    {
        var (i, lanes) = (0, TLanes.Broadcast(factor));
        for (; i <= size - TLanes.Count; i += TLanes.Count)
            TLanes.Store(TLanes.Load(target + i) * lanes, target + i);
        for (; i < size; i++)
            target[i] *= factor;
    }

    /// <summary>x ← act(x), or act(x) · up where there is one.</summary>
    public static void Activate(ActivationKind kind, float* x, float* up, int size)
    {
        switch (kind)
        {
            case ActivationKind.Relu:
                Activate<Relu>(x, up, size);
                break;
            case ActivationKind.Silu:
                Activate<Silu>(x, up, size);
                break;
            case ActivationKind.Gelu:
                Activate<Gelu>(x, up, size);
                break;
            case ActivationKind.GeluTanh:
                Activate<GeluTanh>(x, up, size);
                break;
            case ActivationKind.QuickGelu:
                Activate<QuickGelu>(x, up, size);
                break;
            case ActivationKind.Tanh:
                Activate<HyperbolicTangent>(x, up, size);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, null);
        }
    }

    /// <summary>x ← cap · tanh(x / cap).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SoftCap(float* x, float cap, int size)
    {
        var (i, over, by) = (0, TLanes.Broadcast(1 / cap), TLanes.Broadcast(cap));
        for (; i <= size - TLanes.Count; i += TLanes.Count)
            TLanes.Store(Tanh(TLanes.Load(x + i) * over) * by, x + i);
        for (; i < size; i++)
            x[i] = cap * MathF.Tanh(x[i] / cap);
    }

    /// <summary>x ← exp(x − max x); returns the sum. The size is a multiple of the lanes, and some value is finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Exponentials(float* x, int size)
    {
        var largest = TLanes.Load(x);
        for (var i = TLanes.Count; i < size; i += TLanes.Count)
            largest = TLanes.Max(largest, TLanes.Load(x + i));
        var (max, sum) = (TLanes.Broadcast(TLanes.MaxElement(largest)), TLanes.Zero);
        for (var i = 0; i < size; i += TLanes.Count)
        {
            var e = TLanes.Exp(TLanes.Load(x + i) - max);
            TLanes.Store(e, x + i);
            sum += e;
        }

        return TLanes.Sum(sum);
    }

    /// <summary>Rotates pairs (i, i + pairs) of a head by angles whose cosines come first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rotate(float* head, float* angles, int pairs)
    {
        var upper = head + pairs;
        var sines = angles + pairs;
        var i = 0;
        for (; i <= pairs - TLanes.Count; i += TLanes.Count)
        {
            var (low, high, cos, sin) = (TLanes.Load(head + i), TLanes.Load(upper + i), TLanes.Load(angles + i), TLanes.Load(sines + i));
            TLanes.Store(low * cos - high * sin, head + i);
            TLanes.Store(high * cos + low * sin, upper + i);
        }

        for (; i < pairs; i++)
            (head[i], upper[i]) = (head[i] * angles[i] - upper[i] * sines[i], upper[i] * angles[i] + head[i] * sines[i]);
    }

    /// <summary>tanh |x| = (1 − e) / (1 + e), e = exp(−2|x|): no overflow, absolute error within a few units of 1e-7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Tanh(TLanes x)
    {
        var one = TLanes.Broadcast(1);
        var e = TLanes.Exp(TLanes.Abs(x) * TLanes.Broadcast(-2));
        return TLanes.CopySign((one - e) / (one + e), x);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Activate<TFunction>(float* x, float* up, int size)
        where TFunction : struct, IFunction
    {
        var i = 0;
        for (; i <= size - TLanes.Count; i += TLanes.Count)
        {
            var v = TFunction.Apply(TLanes.Load(x + i));
            TLanes.Store(up == null ? v : v * TLanes.Load(up + i), x + i);
        }

        if (i == size)
            return;
        // The rest through the same code, so that a value does not depend on where it stands.
        var rest = stackalloc float[TLanes.Count];
        for (var k = i; k < size; k++)
            rest[k - i] = x[k];
        TLanes.Store(TFunction.Apply(TLanes.Load(rest)), rest);
        for (var k = i; k < size; k++)
            x[k] = up == null ? rest[k - i] : rest[k - i] * up[k];
    }

    private interface IFunction
    {
        static abstract TLanes Apply(TLanes x);
    }

    private readonly struct Relu : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TLanes Apply(TLanes x) => TLanes.Max(x, TLanes.Zero);
    }

    private readonly struct Silu : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TLanes Apply(TLanes x) => x / (TLanes.Broadcast(1) + TLanes.Exp(TLanes.Zero - x));
    }

    private readonly struct QuickGelu : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TLanes Apply(TLanes x) => x / (TLanes.Broadcast(1) + TLanes.Exp(x * TLanes.Broadcast(-1.702f)));
    }

    private readonly struct GeluTanh : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TLanes Apply(TLanes x)
        {
            var inner = TLanes.MultiplyAdd(x * x * x, TLanes.Broadcast(0.044715f), x) * TLanes.Broadcast(0.7978845608f);
            return x * TLanes.Broadcast(0.5f) * (TLanes.Broadcast(1) + Tanh(inner));
        }
    }

    private readonly struct HyperbolicTangent : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TLanes Apply(TLanes x) => Tanh(x);
    }

    private readonly struct Gelu : IFunction
    {
        /// <summary>erf by Abramowitz and Stegun 7.1.26, absolute error 1.5e-7.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TLanes Apply(TLanes x)
        {
            var z = x * TLanes.Broadcast(0.70710678118f);
            var (magnitude, one) = (TLanes.Abs(z), TLanes.Broadcast(1));
            var t = one / TLanes.MultiplyAdd(magnitude, TLanes.Broadcast(0.3275911f), one);
            var p = TLanes.MultiplyAdd(t, TLanes.Broadcast(1.061405429f), TLanes.Broadcast(-1.453152027f));
            p = TLanes.MultiplyAdd(t, p, TLanes.Broadcast(1.421413741f));
            p = TLanes.MultiplyAdd(t, p, TLanes.Broadcast(-0.284496736f));
            p = TLanes.MultiplyAdd(t, p, TLanes.Broadcast(0.254829592f)) * t;
            var erf = TLanes.CopySign(one - p * TLanes.Exp(TLanes.Zero - magnitude * magnitude), x);
            return x * TLanes.Broadcast(0.5f) * (one + erf);
        }
    }
}
