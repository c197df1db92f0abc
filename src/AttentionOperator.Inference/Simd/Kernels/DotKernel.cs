using System.Runtime.CompilerServices;

namespace AttentionOperator.Inference.Simd.Kernels;

/// <summary>
/// y[r, n] = Σ_k x[r, k] · w[n, k] for row-major w: linear layers and attention scores. Whatever the tile, one value is one accumulator
/// register over the columns in order, its lanes' sum, and then the columns that fill no register: a row's result does not depend
/// on the other rows. Tiles at the edges overlap instead of shrinking, and compute some values twice.
/// </summary>
internal static unsafe class DotKernel<TLanes, TFormat>
    where TLanes : unmanaged, ILanes<TLanes>
    where TFormat : struct, IElementFormat
{
    /// <summary>Rows whose activations stay in the second-level cache while a tile of weights passes.</summary>
    private const int RowBlock = 32;

    /// <summary>Values [first, last) of every row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(RowsView x, int columns, StoredView weights, int first, int last, RowsView y)
    {
        for (var start = 0; start < x.Rows; start += RowBlock)
        {
            var count = Math.Min(RowBlock, x.Rows - start);
            var (input, output) = (x.Slice(start, count), y.Slice(start, count));
            if (count >= 4 && last - first >= 3)
                Wide(input, columns, weights, first, last, output);
            else if (last - first >= 4)
                Narrow(input, columns, weights, first, last, output);
            else
                Single(input, columns, weights, first, last, output);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide(RowsView x, int columns, StoredView weights, int first, int last, RowsView y)
    {
        for (var n = first; n < last; n += 3)
        {
            n = Math.Min(n, last - 3);
            for (var r = 0; r < x.Rows; r += 4)
            {
                r = Math.Min(r, x.Rows - 4);
                Tile4x3(x.Row(r), x.Stride, columns, weights.Row(n), weights.Row(n + 1), weights.Row(n + 2), y.Row(r) + n, y.Stride);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Narrow(RowsView x, int columns, StoredView weights, int first, int last, RowsView y)
    {
        for (var n = first; n < last; n += 4)
        {
            n = Math.Min(n, last - 4);
            for (var r = 0; r < x.Rows; r++)
                Tile1x4(x.Row(r), columns, weights.Row(n), weights.Row(n + 1), weights.Row(n + 2), weights.Row(n + 3), y.Row(r) + n);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Single(RowsView x, int columns, StoredView weights, int first, int last, RowsView y)
    {
        for (var n = first; n < last; n++)
        {
            for (var r = 0; r < x.Rows; r++)
            {
                var a = x.Row(r);
                var w = weights.Row(n);
                var sum = TLanes.Zero;
                var k = 0;
                for (; k <= columns - TLanes.Count; k += TLanes.Count)
                    sum = TLanes.MultiplyAdd(TLanes.Load(a + k), TFormat.Load<TLanes>(w + k * TFormat.Size), sum);
                y.Row(r)[n] = Finish(sum, a, w, k, columns);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile1x4(float* a, int columns, byte* w0, byte* w1, byte* w2, byte* w3, float* y)
    {
        var (s0, s1, s2, s3) = (TLanes.Zero, TLanes.Zero, TLanes.Zero, TLanes.Zero);
        nint k = 0;
        for (; k <= columns - TLanes.Count; k += TLanes.Count)
        {
            var v = TLanes.Load(a + k);
            s0 = TLanes.MultiplyAdd(v, TFormat.Load<TLanes>(w0 + k * TFormat.Size), s0);
            s1 = TLanes.MultiplyAdd(v, TFormat.Load<TLanes>(w1 + k * TFormat.Size), s1);
            s2 = TLanes.MultiplyAdd(v, TFormat.Load<TLanes>(w2 + k * TFormat.Size), s2);
            s3 = TLanes.MultiplyAdd(v, TFormat.Load<TLanes>(w3 + k * TFormat.Size), s3);
        }

        y[0] = Finish(s0, a, w0, k, columns);
        y[1] = Finish(s1, a, w1, k, columns);
        y[2] = Finish(s2, a, w2, k, columns);
        y[3] = Finish(s3, a, w3, k, columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x3(float* a0, nint stride, int columns, byte* w0, byte* w1, byte* w2, float* y, nint yStride)
    {
        var a1 = a0 + stride;
        var a2 = a0 + 2 * stride;
        var a3 = a0 + 3 * stride;
        var (s00, s01, s02) = (TLanes.Zero, TLanes.Zero, TLanes.Zero);
        var (s10, s11, s12) = (TLanes.Zero, TLanes.Zero, TLanes.Zero);
        var (s20, s21, s22) = (TLanes.Zero, TLanes.Zero, TLanes.Zero);
        var (s30, s31, s32) = (TLanes.Zero, TLanes.Zero, TLanes.Zero);
        nint k = 0;
        for (; k <= columns - TLanes.Count; k += TLanes.Count)
        {
            var v0 = TFormat.Load<TLanes>(w0 + k * TFormat.Size);
            var v1 = TFormat.Load<TLanes>(w1 + k * TFormat.Size);
            var v2 = TFormat.Load<TLanes>(w2 + k * TFormat.Size);
            var a = TLanes.Load(a0 + k);
            s00 = TLanes.MultiplyAdd(a, v0, s00);
            s01 = TLanes.MultiplyAdd(a, v1, s01);
            s02 = TLanes.MultiplyAdd(a, v2, s02);
            a = TLanes.Load(a1 + k);
            s10 = TLanes.MultiplyAdd(a, v0, s10);
            s11 = TLanes.MultiplyAdd(a, v1, s11);
            s12 = TLanes.MultiplyAdd(a, v2, s12);
            a = TLanes.Load(a2 + k);
            s20 = TLanes.MultiplyAdd(a, v0, s20);
            s21 = TLanes.MultiplyAdd(a, v1, s21);
            s22 = TLanes.MultiplyAdd(a, v2, s22);
            a = TLanes.Load(a3 + k);
            s30 = TLanes.MultiplyAdd(a, v0, s30);
            s31 = TLanes.MultiplyAdd(a, v1, s31);
            s32 = TLanes.MultiplyAdd(a, v2, s32);
        }

        Finish3(s00, s01, s02, a0, w0, w1, w2, k, columns, y);
        Finish3(s10, s11, s12, a1, w0, w1, w2, k, columns, y + yStride);
        Finish3(s20, s21, s22, a2, w0, w1, w2, k, columns, y + 2 * yStride);
        Finish3(s30, s31, s32, a3, w0, w1, w2, k, columns, y + 3 * yStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish3(TLanes s0, TLanes s1, TLanes s2, float* a, byte* w0, byte* w1, byte* w2, nint k, int columns, float* y)
    {
        y[0] = Finish(s0, a, w0, k, columns);
        y[1] = Finish(s1, a, w1, k, columns);
        y[2] = Finish(s2, a, w2, k, columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Finish(TLanes lanes, float* a, byte* w, nint k, int columns)
    {
        var sum = TLanes.Sum(lanes);
        for (; k < columns; k++)
            sum = MathF.FusedMultiplyAdd(a[k], TFormat.Load(w + k * TFormat.Size), sum);
        return sum;
    }
}
