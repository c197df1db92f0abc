using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AttentionOperator.Inference.Simd.Kernels;

/// <summary>8-bit panels.</summary>
internal readonly unsafe struct Int8Panels : IPanelKernel
{
    private const int GroupSize = QuantizedRows.GroupSize, GroupBytes = QuantizedPanels.Rows * GroupSize, Register = 32;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OneRow(in QuantizedRows x, int row, byte* data, ushort* scales, float* y)
    {
        var a = x.Row(row);
        var factors = x.Scales + (nint)row * x.Groups;
        var sum = Vector256<float>.Zero;
        for (nint g = 0; g < x.Groups; g++, data += GroupBytes, a += GroupSize, scales += QuantizedPanels.Rows)
        {
            for (nint i = 0; i < GroupBytes; i += CacheHint.Line)
                CacheHint.Soon(data + i);
            // Two chains: the additions of one wait for each other.
            var (even, odd) = (Vector256<int>.Zero, Vector256<int>.Zero);
            for (nint i = 0; i < GroupBytes; i += 2 * Register)
            {
                even = Add(even, (sbyte*)data + i, IntegerDot.Broadcast(a + i / QuantizedPanels.Rows));
                odd = Add(odd, (sbyte*)data + i + Register, IntegerDot.Broadcast(a + i / QuantizedPanels.Rows + 4));
            }

            sum = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(even + odd), IntegerDot.Scales(scales) * factors[g], sum);
        }

        sum.Store(y);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FourRows(in QuantizedRows x, int row, byte* data, ushort* scales, float* y, nint stride)
    {
        nint groups = x.Groups;
        var width = groups * GroupSize;
        var a = x.Row(row);
        var factors = x.Scales + row * groups;
        Vector256<float> s0 = default, s1 = default, s2 = default, s3 = default;
        for (nint g = 0; g < groups; g++, data += GroupBytes, a += GroupSize, scales += QuantizedPanels.Rows, factors++)
        {
            Vector256<int> p0 = default, p1 = default, p2 = default, p3 = default;
            for (nint i = 0; i < GroupBytes; i += Register)
            {
                var w = Vector256.Load((sbyte*)data + i);
                var magnitude = Vector256.Abs(w).AsByte();
                var at = a + i / QuantizedPanels.Rows;
                p0 = IntegerDot.Add(p0, magnitude, IntegerDot.Sign(IntegerDot.Broadcast(at), w));
                p1 = IntegerDot.Add(p1, magnitude, IntegerDot.Sign(IntegerDot.Broadcast(at + width), w));
                p2 = IntegerDot.Add(p2, magnitude, IntegerDot.Sign(IntegerDot.Broadcast(at + 2 * width), w));
                p3 = IntegerDot.Add(p3, magnitude, IntegerDot.Sign(IntegerDot.Broadcast(at + 3 * width), w));
            }

            var scale = IntegerDot.Scales(scales);
            s0 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(p0), scale * factors[0], s0);
            s1 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(p1), scale * factors[groups], s1);
            s2 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(p2), scale * factors[2 * groups], s2);
            s3 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(p3), scale * factors[3 * groups], s3);
        }

        s0.Store(y);
        s1.Store(y + stride);
        s2.Store(y + 2 * stride);
        s3.Store(y + 3 * stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Add(Vector256<int> sum, sbyte* weights, Vector256<sbyte> x)
    {
        var w = Vector256.Load(weights);
        return IntegerDot.Add(sum, Vector256.Abs(w).AsByte(), IntegerDot.Sign(x, w));
    }
}
