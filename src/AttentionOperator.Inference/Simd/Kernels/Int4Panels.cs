using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AttentionOperator.Inference.Simd.Kernels;

/// <summary>
/// 4-bit panels. Sums of a group are kept in 16 bits: a pair of products is at most 2 · 15 · 127 in magnitude, and eight pairs add up to less than 2¹⁵.
/// </summary>
internal readonly unsafe struct Int4Panels : IPanelKernel
{
    private const int GroupSize = QuantizedRows.GroupSize, GroupBytes = QuantizedPanels.Rows * GroupSize / 2, Register = 32, Scales = 2 * QuantizedPanels.Rows;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OneRow(in QuantizedRows x, int row, byte* data, ushort* scales, float* y)
    {
        var a = x.Row(row);
        var factors = x.Scales + (nint)row * x.Groups;
        var sums = x.Sums + (nint)row * x.Groups;
        var sum = Vector256<float>.Zero;
        for (nint g = 0; g < x.Groups; g++, data += GroupBytes, a += GroupSize, scales += Scales)
        {
            CacheHint.Soon(data);
            CacheHint.Soon(data + CacheHint.Line);
            var (lows, highs) = (Vector256<short>.Zero, Vector256<short>.Zero);
            for (nint i = 0; i < GroupBytes; i += Register)
            {
                var w = Vector256.Load(data + i);
                var at = a + i / QuantizedPanels.Rows;
                lows += IntegerDot.Pairs(Low(w), IntegerDot.Broadcast(at));
                highs += IntegerDot.Pairs(High(w), IntegerDot.Broadcast(at + GroupSize / 2));
            }

            sum = Finish(sum, lows + highs, IntegerDot.Scales(scales), IntegerDot.Scales(scales + QuantizedPanels.Rows), factors[g], sums[g]);
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
        var sums = x.Sums + row * groups;
        Vector256<float> s0 = default, s1 = default, s2 = default, s3 = default;
        for (nint g = 0; g < groups; g++, data += GroupBytes, a += GroupSize, scales += Scales, factors++, sums++)
        {
            Vector256<short> p0 = default, p1 = default, p2 = default, p3 = default;
            for (nint i = 0; i < GroupBytes; i += Register)
            {
                var w = Vector256.Load(data + i);
                var at = a + i / QuantizedPanels.Rows;
                var part = Low(w);
                p0 += IntegerDot.Pairs(part, IntegerDot.Broadcast(at));
                p1 += IntegerDot.Pairs(part, IntegerDot.Broadcast(at + width));
                p2 += IntegerDot.Pairs(part, IntegerDot.Broadcast(at + 2 * width));
                p3 += IntegerDot.Pairs(part, IntegerDot.Broadcast(at + 3 * width));
                part = High(w);
                at += GroupSize / 2;
                p0 += IntegerDot.Pairs(part, IntegerDot.Broadcast(at));
                p1 += IntegerDot.Pairs(part, IntegerDot.Broadcast(at + width));
                p2 += IntegerDot.Pairs(part, IntegerDot.Broadcast(at + 2 * width));
                p3 += IntegerDot.Pairs(part, IntegerDot.Broadcast(at + 3 * width));
            }

            var (scale, minimum) = (IntegerDot.Scales(scales), IntegerDot.Scales(scales + QuantizedPanels.Rows));
            s0 = Finish(s0, p0, scale, minimum, factors[0], sums[0]);
            s1 = Finish(s1, p1, scale, minimum, factors[groups], sums[groups]);
            s2 = Finish(s2, p2, scale, minimum, factors[2 * groups], sums[2 * groups]);
            s3 = Finish(s3, p3, scale, minimum, factors[3 * groups], sums[3 * groups]);
        }

        s0.Store(y);
        s1.Store(y + stride);
        s2.Store(y + 2 * stride);
        s3.Store(y + 3 * stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Low(Vector256<byte> halves) => halves & Vector256.Create((byte)0xF);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> High(Vector256<byte> halves) => Vector256.ShiftRightLogical(halves.AsUInt16(), 4).AsByte() & Vector256.Create((byte)0xF);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Finish(Vector256<float> sum, Vector256<short> pairs, Vector256<float> scale, Vector256<float> minimum, float factor, float total)
    {
        sum = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(IntegerDot.Widen(pairs)), scale * factor, sum);
        return Vector256.FusedMultiplyAdd(minimum, Vector256.Create(total), sum);
    }
}
