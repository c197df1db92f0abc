using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AttentionOperator.Inference.Simd.Kernels;

/// <summary>
/// y[r, n] = Σ_groups scale(w) · scale(x) · Σ q(w) · q(x) + minimum(w) · scale(x) · Σ q(x) for 4-bit weights, with <see cref="QuantizedRows"/> in halved
/// order. Groups in order, so that a row's result does not depend on the others.
/// </summary>
internal static unsafe class Int4Kernel
{
    private const int GroupSize = QuantizedRows.GroupSize, GroupBytes = GroupSize / 2;

    /// <summary>Values [first, last) of every row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(QuantizedRows x, QuantizedView weights, int first, int last, RowsView y)
    {
        for (var n = first; n < last; n++)
        {
            if (last - n >= 2 && x.Rows < 4)
            {
                for (var row = 0; row < x.Rows; row++)
                    Tile1x2(x, row, weights, n, y.Row(row) + n);
                n++;
                continue;
            }

            var stored = weights.Selection[n];
            nint at = (nint)stored * weights.Groups;
            var r = 0;
            for (; r <= x.Rows - 4; r += 4)
                Tile4x1(x, r, weights.Row(stored), weights.Scales + at, weights.Minima + at, y.Row(r) + n, y.Stride);
            for (; r < x.Rows; r++)
                y.Row(r)[n] = Single(x, r, weights.Row(stored), weights.Scales + at, weights.Minima + at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile1x2(QuantizedRows x, int row, QuantizedView weights, int n, float* y)
    {
        var (i0, i1) = (weights.Selection[n], weights.Selection[n + 1]);
        nint groups = weights.Groups;
        var w0 = weights.Row(i0);
        var w1 = weights.Row(i1);
        var c0 = weights.Scales + i0 * groups;
        var c1 = weights.Scales + i1 * groups;
        var m0 = weights.Minima + i0 * groups;
        var m1 = weights.Minima + i1 * groups;
        var a = x.Row(row);
        var scales = x.Scales + row * groups;
        var sums = x.Sums + row * groups;
        Vector256<float> s0 = default, s1 = default;
        float offset0 = 0, offset1 = 0;
        for (nint g = 0; g < groups; g++)
        {
            var v = Vector256.Load(a + g * GroupSize);
            s0 = Add(s0, Unpack(w0 + g * GroupBytes), v, c0[g] * scales[g]);
            s1 = Add(s1, Unpack(w1 + g * GroupBytes), v, c1[g] * scales[g]);
            offset0 = MathF.FusedMultiplyAdd(m0[g], sums[g], offset0);
            offset1 = MathF.FusedMultiplyAdd(m1[g], sums[g], offset1);
        }

        (y[0], y[1]) = (Vector256.Sum(s0) + offset0, Vector256.Sum(s1) + offset1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x1(QuantizedRows x, int row, byte* data, float* weightScales, float* minima, float* y, nint yStride)
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
        var p0 = x.Sums + row * groups;
        var p1 = p0 + groups;
        var p2 = p0 + 2 * groups;
        var p3 = p0 + 3 * groups;
        Vector256<float> s0 = default, s1 = default, s2 = default, s3 = default;
        float offset0 = 0, offset1 = 0, offset2 = 0, offset3 = 0;
        for (nint g = 0; g < groups; g++)
        {
            var w = Unpack(data + g * GroupBytes);
            var (scale, minimum) = (weightScales[g], minima[g]);
            s0 = Add(s0, w, Vector256.Load(a0 + g * GroupSize), scale * c0[g]);
            s1 = Add(s1, w, Vector256.Load(a1 + g * GroupSize), scale * c1[g]);
            s2 = Add(s2, w, Vector256.Load(a2 + g * GroupSize), scale * c2[g]);
            s3 = Add(s3, w, Vector256.Load(a3 + g * GroupSize), scale * c3[g]);
            offset0 = MathF.FusedMultiplyAdd(minimum, p0[g], offset0);
            offset1 = MathF.FusedMultiplyAdd(minimum, p1[g], offset1);
            offset2 = MathF.FusedMultiplyAdd(minimum, p2[g], offset2);
            offset3 = MathF.FusedMultiplyAdd(minimum, p3[g], offset3);
        }

        y[0] = Vector256.Sum(s0) + offset0;
        y[yStride] = Vector256.Sum(s1) + offset1;
        y[2 * yStride] = Vector256.Sum(s2) + offset2;
        y[3 * yStride] = Vector256.Sum(s3) + offset3;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Single(QuantizedRows x, int row, byte* data, float* weightScales, float* minima)
    {
        nint groups = x.Groups;
        var a = x.Row(row);
        var scales = x.Scales + row * groups;
        var sums = x.Sums + row * groups;
        Vector256<float> sum = default;
        float offset = 0;
        for (nint g = 0; g < groups; g++)
        {
            sum = Add(sum, Unpack(data + g * GroupBytes), Vector256.Load(a + g * GroupSize), weightScales[g] * scales[g]);
            offset = MathF.FusedMultiplyAdd(minima[g], sums[g], offset);
        }

        return Vector256.Sum(sum) + offset;
    }

    /// <summary>The low halves (even columns), then the high halves (odd ones).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Unpack(byte* pairs)
    {
        var both = Vector128.Load(pairs);
        return Vector256.Create(both & Vector128.Create((byte)0xF), Vector128.ShiftRightLogical(both, 4));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Add(Vector256<float> sum, Vector256<byte> weights, Vector256<sbyte> x, float scale) =>
        Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(IntegerDot.Multiply(weights, x)), Vector256.Create(scale), sum);
}
