using System.Runtime.CompilerServices;

namespace AttentionOperator.Inference.Simd.Kernels;

/// <summary>
/// y[r, c] += Σ_k x[r, k] · w[k, c] for w stored with its inputs as rows: transposed linear layers, and values weighted by attention.
/// One value is one chain of fused products over k in order, whatever tile computes it.
/// </summary>
internal static unsafe class OuterKernel<TLanes, TFormat>
    where TLanes : unmanaged, ILanes<TLanes>
    where TFormat : struct, IElementFormat
{
    /// <summary>Adds to values [first, last) of every row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(RowsView x, int inner, byte* weights, nint rowBytes, int first, int last, RowsView y)
    {
        var c = first;
        for (; c <= last - 2 * TLanes.Count; c += 2 * TLanes.Count)
        {
            var w = weights + (nint)c * TFormat.Size;
            var r = 0;
            for (; r <= x.Rows - 4; r += 4)
                Tile4x2(x.Row(r), x.Stride, inner, w, rowBytes, y.Row(r) + c, y.Stride);
            for (; r < x.Rows; r++)
                Tile1x2(x.Row(r), inner, w, rowBytes, y.Row(r) + c);
        }

        for (; c <= last - TLanes.Count; c += TLanes.Count)
            for (var r = 0; r < x.Rows; r++)
                Tile1x1(x.Row(r), inner, weights + (nint)c * TFormat.Size, rowBytes, y.Row(r) + c);
        for (; c < last; c++)
            for (var r = 0; r < x.Rows; r++)
                Column(x.Row(r), inner, weights + (nint)c * TFormat.Size, rowBytes, y.Row(r) + c);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x2(float* a0, nint stride, int inner, byte* w, nint rowBytes, float* y, nint yStride)
    {
        var a1 = a0 + stride;
        var a2 = a0 + 2 * stride;
        var a3 = a0 + 3 * stride;
        var y1 = y + yStride;
        var y2 = y + 2 * yStride;
        var y3 = y + 3 * yStride;
        var (s00, s01) = (TLanes.Load(y), TLanes.Load(y + TLanes.Count));
        var (s10, s11) = (TLanes.Load(y1), TLanes.Load(y1 + TLanes.Count));
        var (s20, s21) = (TLanes.Load(y2), TLanes.Load(y2 + TLanes.Count));
        var (s30, s31) = (TLanes.Load(y3), TLanes.Load(y3 + TLanes.Count));
        for (nint k = 0; k < inner; k++, w += rowBytes)
        {
            var (v0, v1) = (TFormat.Load<TLanes>(w), TFormat.Load<TLanes>(w + TLanes.Count * TFormat.Size));
            var a = TLanes.Broadcast(a0[k]);
            (s00, s01) = (TLanes.MultiplyAdd(a, v0, s00), TLanes.MultiplyAdd(a, v1, s01));
            a = TLanes.Broadcast(a1[k]);
            (s10, s11) = (TLanes.MultiplyAdd(a, v0, s10), TLanes.MultiplyAdd(a, v1, s11));
            a = TLanes.Broadcast(a2[k]);
            (s20, s21) = (TLanes.MultiplyAdd(a, v0, s20), TLanes.MultiplyAdd(a, v1, s21));
            a = TLanes.Broadcast(a3[k]);
            (s30, s31) = (TLanes.MultiplyAdd(a, v0, s30), TLanes.MultiplyAdd(a, v1, s31));
        }

        TLanes.Store(s00, y);
        TLanes.Store(s01, y + TLanes.Count);
        TLanes.Store(s10, y1);
        TLanes.Store(s11, y1 + TLanes.Count);
        TLanes.Store(s20, y2);
        TLanes.Store(s21, y2 + TLanes.Count);
        TLanes.Store(s30, y3);
        TLanes.Store(s31, y3 + TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile1x2(float* a, int inner, byte* w, nint rowBytes, float* y)
    {
        var (s0, s1) = (TLanes.Load(y), TLanes.Load(y + TLanes.Count));
        for (nint k = 0; k < inner; k++, w += rowBytes)
        {
            var v = TLanes.Broadcast(a[k]);
            s0 = TLanes.MultiplyAdd(v, TFormat.Load<TLanes>(w), s0);
            s1 = TLanes.MultiplyAdd(v, TFormat.Load<TLanes>(w + TLanes.Count * TFormat.Size), s1);
        }

        TLanes.Store(s0, y);
        TLanes.Store(s1, y + TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile1x1(float* a, int inner, byte* w, nint rowBytes, float* y)
    {
        var sum = TLanes.Load(y);
        for (nint k = 0; k < inner; k++, w += rowBytes)
            sum = TLanes.MultiplyAdd(TLanes.Broadcast(a[k]), TFormat.Load<TLanes>(w), sum);
        TLanes.Store(sum, y);
    }

    private static void Column(float* a, int inner, byte* w, nint rowBytes, float* y)
    {
        var sum = *y;
        for (nint k = 0; k < inner; k++, w += rowBytes)
            sum = MathF.FusedMultiplyAdd(a[k], TFormat.Load(w), sum);
        *y = sum;
    }
}
