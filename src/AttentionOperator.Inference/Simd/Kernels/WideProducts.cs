using System.Runtime.CompilerServices;

namespace AttentionOperator.Inference.Simd.Kernels;

/// <summary>
/// <see cref="DotKernel{TLanes, TFormat}"/> for four rows and three outputs at least. Blocks of rows and columns stay in the first-level cache while a
/// block of weights, which stays in the second, passes; between two blocks of columns the accumulators wait in memory as they are,
/// so that a value is the same sum as in any other tile. Tiles at the edges overlap instead of shrinking, and compute some values twice.
/// </summary>
internal static unsafe class WideProducts<TLanes, TFormat>
    where TLanes : unmanaged, ILanes<TLanes>
    where TFormat : struct, IElementFormat
{
    /// <summary>Smallest tile.</summary>
    public const int TileRows = 4, TileOutputs = 3;

    private const int Rows = 2 * TileRows, Outputs = 16 * TileOutputs, Columns = 768, TileValues = TileRows * TileOutputs;

    /// <summary>Rows at such distances compete for the same few places of the first-level cache: a block of them is copied together.</summary>
    private const int Conflict = 2048 / sizeof(float);

    /// <summary>Values [first, last) of every row.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(RowsView x, int columns, StoredView weights, int first, int last, RowsView y)
    {
        var waiting = stackalloc TLanes[Rows * Outputs];
        var packed = stackalloc float[x.Stride % Conflict == 0 ? Rows * (Columns + 16) : 0];
        for (int n = first, outputs; n < last; n += outputs)
        {
            // What is left over must be a whole tile.
            outputs = last - n < Outputs + TileOutputs ? Math.Min(last - n, Outputs) : Outputs;
            var from = Math.Min(n, last - TileOutputs);
            for (var r = 0; r < x.Rows; r += Rows)
            {
                var start = Math.Min(r, x.Rows - TileRows);
                Block(x.Slice(start, Math.Min(Rows, x.Rows - start)), columns, weights, from, n + outputs, y.Slice(start, Math.Min(Rows, x.Rows - start)), waiting, packed);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block(RowsView x, int columns, StoredView weights, int first, int last, RowsView y, TLanes* waiting, float* packed)
    {
        // Equal blocks of whole registers; the last one has the columns that fill none.
        var blocks = (columns + Columns - 1) / Columns;
        var size = (columns / blocks + TLanes.Count - 1) / TLanes.Count * TLanes.Count;
        for (int start = 0, count; start < columns; start += count)
        {
            count = columns - start < size + TLanes.Count ? columns - start : size;
            var block = packed == null ? new RowsView(x.Data + start, x.Stride, x.Rows) : Pack(x, start, count, packed);
            var at = waiting;
            for (var n = first; n < last; n += TileOutputs)
            {
                var output = Math.Min(n, last - TileOutputs);
                var offset = (nint)start * TFormat.Size;
                var w0 = weights.Row(output) + offset;
                var w1 = weights.Row(output + 1) + offset;
                var w2 = weights.Row(output + 2) + offset;
                for (var r = 0; r < x.Rows; r += TileRows, at += TileValues)
                {
                    var row = Math.Min(r, x.Rows - TileRows);
                    Tile(block.Row(row), block.Stride, count, w0, w1, w2, y.Row(row) + output, y.Stride, at, start > 0, start + count < columns);
                }
            }
        }
    }

    private static RowsView Pack(RowsView x, int start, int count, float* packed)
    {
        var block = new RowsView(packed, Columns + 16, x.Rows);
        for (var row = 0; row < x.Rows; row++)
            new Span<float>(x.Row(row) + start, count).CopyTo(new Span<float>(block.Row(row), count));
        return block;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile(float* a0, nint stride, int columns, byte* w0, byte* w1, byte* w2, float* y, nint yStride, TLanes* waiting, bool goesOn, bool waits)
    {
        var a1 = a0 + stride;
        var a2 = a0 + 2 * stride;
        var a3 = a0 + 3 * stride;
        var (s00, s01, s02) = (TLanes.Zero, TLanes.Zero, TLanes.Zero);
        var (s10, s11, s12) = (TLanes.Zero, TLanes.Zero, TLanes.Zero);
        var (s20, s21, s22) = (TLanes.Zero, TLanes.Zero, TLanes.Zero);
        var (s30, s31, s32) = (TLanes.Zero, TLanes.Zero, TLanes.Zero);
        if (goesOn)
        {
            (s00, s01, s02) = (waiting[0], waiting[1], waiting[2]);
            (s10, s11, s12) = (waiting[3], waiting[4], waiting[5]);
            (s20, s21, s22) = (waiting[6], waiting[7], waiting[8]);
            (s30, s31, s32) = (waiting[9], waiting[10], waiting[11]);
        }

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

        if (waits)
        {
            (waiting[0], waiting[1], waiting[2]) = (s00, s01, s02);
            (waiting[3], waiting[4], waiting[5]) = (s10, s11, s12);
            (waiting[6], waiting[7], waiting[8]) = (s20, s21, s22);
            (waiting[9], waiting[10], waiting[11]) = (s30, s31, s32);
            return;
        }

        Finish(s00, s01, s02, a0, w0, w1, w2, k, columns, y);
        Finish(s10, s11, s12, a1, w0, w1, w2, k, columns, y + yStride);
        Finish(s20, s21, s22, a2, w0, w1, w2, k, columns, y + 2 * yStride);
        Finish(s30, s31, s32, a3, w0, w1, w2, k, columns, y + 3 * yStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(TLanes s0, TLanes s1, TLanes s2, float* a, byte* w0, byte* w1, byte* w2, nint k, int columns, float* y)
    {
        y[0] = DotKernel<TLanes, TFormat>.Finish(s0, a, w0, k, columns);
        y[1] = DotKernel<TLanes, TFormat>.Finish(s1, a, w1, k, columns);
        y[2] = DotKernel<TLanes, TFormat>.Finish(s2, a, w2, k, columns);
    }
}
