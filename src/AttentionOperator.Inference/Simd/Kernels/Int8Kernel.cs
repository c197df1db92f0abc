using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AttentionOperator.Inference.Simd.Kernels;

/// <summary>y[r, n] = Σ_groups scale(x) · scale(w) · Σ q(x) · q(w) for 8-bit weights; groups in order, so that a row's result does not depend on the others.</summary>
internal static unsafe class Int8Kernel
{
    private const int GroupSize = QuantizedRows.GroupSize;

    /// <summary>Values [first, last) of every row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(QuantizedRows x, QuantizedView weights, int first, int last, RowsView y)
    {
        for (var n = first; n < last; n++)
        {
            var r = 0;
            if (last - n >= 4 && x.Rows < 4)
            {
                for (; r < x.Rows; r++)
                    Tile1x4(x, r, weights, n, y.Row(r) + n);
                n += 3;
                continue;
            }

            var stored = weights.Selection[n];
            var data = weights.Row(stored);
            var scales = weights.Scales + (nint)stored * weights.Groups;
            for (; r <= x.Rows - 4; r += 4)
                Tile4x1(x, r, data, scales, y.Row(r) + n, y.Stride);
            for (; r < x.Rows; r++)
                y.Row(r)[n] = Single(x.Row(r), x.Scales + (nint)r * x.Groups, data, scales, x.Groups);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile1x4(QuantizedRows x, int row, QuantizedView weights, int n, float* y)
    {
        var (i0, i1, i2, i3) = (weights.Selection[n], weights.Selection[n + 1], weights.Selection[n + 2], weights.Selection[n + 3]);
        var w0 = (sbyte*)weights.Row(i0);
        var w1 = (sbyte*)weights.Row(i1);
        var w2 = (sbyte*)weights.Row(i2);
        var w3 = (sbyte*)weights.Row(i3);
        nint groups = weights.Groups;
        var c0 = weights.Scales + i0 * groups;
        var c1 = weights.Scales + i1 * groups;
        var c2 = weights.Scales + i2 * groups;
        var c3 = weights.Scales + i3 * groups;
        var a = x.Row(row);
        var scales = x.Scales + row * groups;
        Vector256<float> s0 = default, s1 = default, s2 = default, s3 = default;
        for (nint g = 0; g < groups; g++)
        {
            var v = Vector256.Load(a + g * GroupSize);
            var scale = scales[g];
            s0 = Add(s0, v, w0 + g * GroupSize, scale * c0[g]);
            s1 = Add(s1, v, w1 + g * GroupSize, scale * c1[g]);
            s2 = Add(s2, v, w2 + g * GroupSize, scale * c2[g]);
            s3 = Add(s3, v, w3 + g * GroupSize, scale * c3[g]);
        }

        (y[0], y[1], y[2], y[3]) = (Vector256.Sum(s0), Vector256.Sum(s1), Vector256.Sum(s2), Vector256.Sum(s3));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x1(QuantizedRows x, int row, byte* data, float* weightScales, float* y, nint yStride)
    {
        nint groups = x.Groups;
        var a0 = x.Row(row);
        var a1 = x.Row(row + 1);
        var a2 = x.Row(row + 2);
        var a3 = x.Row(row + 3);
        var c0 = x.Scales + row * groups;
        var c1 = c0 + groups;
        var c2 = c0 + 2 * groups;
        var c3 = c0 + 3 * groups;
        Vector256<float> s0 = default, s1 = default, s2 = default, s3 = default;
        for (nint g = 0; g < groups; g++)
        {
            var w = Vector256.Load((sbyte*)data + g * GroupSize);
            var magnitude = Vector256.Abs(w).AsByte();
            var scale = weightScales[g];
            s0 = Add(s0, IntegerDot.Multiply(magnitude, IntegerDot.Sign(Vector256.Load(a0 + g * GroupSize), w)), c0[g] * scale);
            s1 = Add(s1, IntegerDot.Multiply(magnitude, IntegerDot.Sign(Vector256.Load(a1 + g * GroupSize), w)), c1[g] * scale);
            s2 = Add(s2, IntegerDot.Multiply(magnitude, IntegerDot.Sign(Vector256.Load(a2 + g * GroupSize), w)), c2[g] * scale);
            s3 = Add(s3, IntegerDot.Multiply(magnitude, IntegerDot.Sign(Vector256.Load(a3 + g * GroupSize), w)), c3[g] * scale);
        }

        (y[0], y[yStride], y[2 * yStride], y[3 * yStride]) = (Vector256.Sum(s0), Vector256.Sum(s1), Vector256.Sum(s2), Vector256.Sum(s3));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Single(sbyte* a, float* scales, byte* data, float* weightScales, int groups)
    {
        Vector256<float> sum = default;
        for (nint g = 0; g < groups; g++)
            sum = Add(sum, Vector256.Load(a + g * GroupSize), (sbyte*)data + g * GroupSize, scales[g] * weightScales[g]);
        return Vector256.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Add(Vector256<float> sum, Vector256<sbyte> x, sbyte* weights, float scale)
    {
        var w = Vector256.Load(weights);
        return Add(sum, IntegerDot.Multiply(Vector256.Abs(w).AsByte(), IntegerDot.Sign(x, w)), scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Add(Vector256<float> sum, Vector256<int> products, float scale) =>
        Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(products), Vector256.Create(scale), sum);
}
