using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AttentionOperator.Inference.Simd.Kernels;

/// <summary>32 products of bytes, added to eight integers. Exact in every form: products of |w| ≤ 127 and |x| ≤ 127 in pairs fit 16 bits.</summary>
internal static class IntegerDot
{
    /// <param name="magnitude">0…127.</param>
    /// <param name="signed">−127…127.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Multiply(Vector256<byte> magnitude, Vector256<sbyte> signed)
    {
        if (AvxVnni.IsSupported)
            return AvxVnni.MultiplyWideningAndAdd(Vector256<int>.Zero, magnitude, signed);
        if (Avx2.IsSupported)
            return Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(magnitude, signed), Vector256<short>.One);
        var (m0, m1) = Vector256.Widen(magnitude.AsSByte());
        var (s0, s1) = Vector256.Widen(signed);
        var (low, high) = Vector256.Widen(m0 * s0 + m1 * s1);
        return low + high;
    }

    /// <summary>x with the sign of w, so that |w| · result = w · x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<sbyte> Sign(Vector256<sbyte> x, Vector256<sbyte> w)
    {
        if (Avx2.IsSupported)
            return Avx2.Sign(x, w);
        return Vector256.ConditionalSelect(Vector256.LessThan(w, Vector256<sbyte>.Zero), -x, x);
    }
}
