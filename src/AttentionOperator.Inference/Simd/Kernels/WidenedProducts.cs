using System.Runtime.CompilerServices;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Simd.Kernels;

/// <summary><see cref="WideProducts{TLanes, TFormat}"/> for many rows: weights are widened once, into memory, instead of in every tile.</summary>
internal static unsafe class WidenedProducts<TLanes, TFormat>
    where TLanes : unmanaged, ILanes<TLanes>
    where TFormat : struct, IElementFormat
{
    private const int Least = WideProducts<TLanes, TFormat>.TileOutputs;

    /// <summary>Values [first, last) of every row; at least a tile of them.</summary>
    public static void Run(RowsView x, int columns, StoredView weights, int first, int last, RowsView y, NativeBuffer scratch)
    {
        var stride = WidenedWeights.Stride(columns);
        var widened = scratch.ReserveFloats(WidenedWeights.ScratchFloats(columns));
        var view = new StoredView((byte*)widened, (nint)stride * sizeof(float), RowSelection.All(WidenedWeights.Outputs));
        for (int n = first, count; n < last; n += count)
        {
            n = Math.Min(n, last - Least);
            count = Math.Min(WidenedWeights.Outputs, last - n);
            for (var i = 0; i < count; i++)
                Widen(weights.Row(n + i), columns, widened + (nint)i * stride);
            WideProducts<TLanes, Float32Format>.Run(x, columns, view, 0, count, new RowsView(y.Data + n, y.Stride, y.Rows));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Widen(byte* row, int columns, float* target)
    {
        nint k = 0;
        for (; k <= columns - TLanes.Count; k += TLanes.Count)
            TLanes.Store(TFormat.Load<TLanes>(row + k * TFormat.Size), target + k);
        for (; k < columns; k++)
            target[k] = TFormat.Load(row + k * TFormat.Size);
    }
}
