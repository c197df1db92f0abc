using System.Runtime.CompilerServices;

namespace AttentionOperator.Inference.Simd.Kernels;

/// <summary>
/// y[r, n] = Σ_k x[r, k] · w[n, k] for row-major w: linear layers and attention scores. Whatever the tile, one value is one accumulator
/// register over the columns in order, its lanes' sum, and then the columns that fill no register: a row's result does not depend
/// on the other rows.
/// </summary>
internal static unsafe class DotKernel<TLanes, TFormat>
    where TLanes : unmanaged, ILanes<TLanes>
    where TFormat : struct, IElementFormat
{
    private const int Outputs = 8;

    /// <summary>Values [first, last) of every row.</summary>
    public static void Run(RowsView x, int columns, StoredView weights, int first, int last, RowsView y, NativeBuffer? scratch)
    {
        if (x.Rows < WideProducts<TLanes, TFormat>.TileRows || last - first < WideProducts<TLanes, TFormat>.TileOutputs)
        {
            if (last - first >= Outputs)
                Narrow(x, columns, weights, first, last, y);
            else
                Single(x, columns, weights, first, last, y);
        }
        else if (TFormat.Size == sizeof(ushort) && x.Rows >= WidenedWeights.LeastRows && scratch is not null)
        {
            WidenedProducts<TLanes, TFormat>.Run(x, columns, weights, first, last, y, scratch);
        }
        else
        {
            WideProducts<TLanes, TFormat>.Run(x, columns, weights, first, last, y);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Narrow(RowsView x, int columns, StoredView weights, int first, int last, RowsView y)
    {
        var pointers = stackalloc byte*[Outputs];
        for (var n = first; n < last; n += Outputs)
        {
            n = Math.Min(n, last - Outputs);
            for (var i = 0; i < Outputs; i++)
                pointers[i] = weights.Row(n + i);
            for (var r = 0; r < x.Rows; r++)
                EightOutputs(x.Row(r), columns, pointers, Outputs * weights.RowBytes, y.Row(r) + n);
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

    /// <summary>Eight sums at a time: a product waits four cycles for the one before it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EightOutputs(float* a, int columns, byte** w, nint next, float* y)
    {
        var (w0, w1, w2, w3, w4, w5, w6, w7) = ((nint)w[0], (nint)w[1], (nint)w[2], (nint)w[3], (nint)w[4], (nint)w[5], (nint)w[6], (nint)w[7]);
        var (s0, s1, s2, s3) = (TLanes.Zero, TLanes.Zero, TLanes.Zero, TLanes.Zero);
        var (s4, s5, s6, s7) = (TLanes.Zero, TLanes.Zero, TLanes.Zero, TLanes.Zero);
        // Of the next eight rows.
        var ahead = w[0] + next;
        nint k = 0;
        for (; k <= columns - TLanes.Count; k += TLanes.Count, ahead += Outputs * TLanes.Count * TFormat.Size)
        {
            CacheHint.Run(ahead, Outputs * TLanes.Count * TFormat.Size);
            var (v, at) = (TLanes.Load(a + k), k * TFormat.Size);
            s0 = Add(s0, v, w0 + at);
            s1 = Add(s1, v, w1 + at);
            s2 = Add(s2, v, w2 + at);
            s3 = Add(s3, v, w3 + at);
            s4 = Add(s4, v, w4 + at);
            s5 = Add(s5, v, w5 + at);
            s6 = Add(s6, v, w6 + at);
            s7 = Add(s7, v, w7 + at);
        }

        y[0] = Finish(s0, a, (byte*)w0, k, columns);
        y[1] = Finish(s1, a, (byte*)w1, k, columns);
        y[2] = Finish(s2, a, (byte*)w2, k, columns);
        y[3] = Finish(s3, a, (byte*)w3, k, columns);
        y[4] = Finish(s4, a, (byte*)w4, k, columns);
        y[5] = Finish(s5, a, (byte*)w5, k, columns);
        y[6] = Finish(s6, a, (byte*)w6, k, columns);
        y[7] = Finish(s7, a, (byte*)w7, k, columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Add(TLanes sum, TLanes x, nint weights) => TLanes.MultiplyAdd(x, TFormat.Load<TLanes>((byte*)weights), sum);

    /// <summary>The lanes' sum, then the columns from k on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Finish(TLanes lanes, float* a, byte* w, nint k, int columns)
    {
        var sum = TLanes.Sum(lanes);
        for (; k < columns; k++)
            sum = MathF.FusedMultiplyAdd(a[k], TFormat.Load(w + k * TFormat.Size), sum);
        return sum;
    }
}
