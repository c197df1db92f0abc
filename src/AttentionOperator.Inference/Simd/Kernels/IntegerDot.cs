using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AttentionOperator.Inference.Simd.Kernels;

/// <summary>Products of bytes, added in integers. Exact in every form: none of the sums leaves its type.</summary>
internal static class IntegerDot
{
    /// <summary>Products of pairs, added. Nothing overflows while magnitude · signed stays under 2¹⁴.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Pairs(Vector256<byte> magnitude, Vector256<sbyte> signed)
    {
        if (Avx2.IsSupported)
            return Avx2.MultiplyAddAdjacent(magnitude, signed);
        var (evenWeights, oddWeights) = (magnitude.AsInt16() & Vector256.Create((short)0xFF), Vector256.ShiftRightLogical(magnitude.AsUInt16(), 8).AsInt16());
        var (even, odd) = (Vector256.ShiftRightArithmetic(Vector256.ShiftLeft(signed.AsInt16(), 8), 8), Vector256.ShiftRightArithmetic(signed.AsInt16(), 8));
        return evenWeights * even + oddWeights * odd;
    }

    /// <summary>Neighbours added.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Widen(Vector256<short> pairs)
    {
        if (Avx2.IsSupported)
            return Avx2.MultiplyAddAdjacent(pairs, Vector256<short>.One);
        var both = pairs.AsInt32();
        return Vector256.ShiftRightArithmetic(Vector256.ShiftLeft(both, 16), 16) + Vector256.ShiftRightArithmetic(both, 16);
    }

    /// <summary>sum + the products of 32 bytes, four to each of eight integers.</summary>
    /// <param name="magnitude">0…127.</param>
    /// <param name="signed">−127…127.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Add(Vector256<int> sum, Vector256<byte> magnitude, Vector256<sbyte> signed) =>
        AvxVnni.IsSupported ? AvxVnni.MultiplyWideningAndAdd(sum, magnitude, signed) : sum + Widen(Pairs(magnitude, signed));

    /// <summary>x with the sign of w, so that |w| · result = w · x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<sbyte> Sign(Vector256<sbyte> x, Vector256<sbyte> w)
    {
        if (Avx2.IsSupported)
            return Avx2.Sign(x, w);
        return Vector256.ConditionalSelect(Vector256.LessThan(w, Vector256<sbyte>.Zero), -x, x);
    }

    /// <summary>Four bytes, eight times.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector256<sbyte> Broadcast(sbyte* four) => Vector256.Create(*(int*)four).AsSByte();

    /// <summary>Eight upper halves of float32 values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector256<float> Scales(ushort* upper)
    {
        if (Avx2.IsSupported)
            return Vector256.ShiftLeft(Avx2.ConvertToVector256Int32(upper), 16).AsSingle();
        var (low, high) = Vector128.Widen(Vector128.Load(upper));
        return Vector256.ShiftLeft(Vector256.Create(low, high), 16).AsSingle();
    }
}
