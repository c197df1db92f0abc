using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Simd.Kernels;

/// <summary>Outputs [first, last) of every row, panel by panel. Where a selection cuts panels, what was not asked for is dropped.</summary>
internal static unsafe class PanelProducts<TKernel>
    where TKernel : struct, IPanelKernel
{
    private const int Width = QuantizedPanels.Rows, Rows = 4;

    public static void Run(QuantizedRows x, PanelView weights, int first, int last, RowsView y)
    {
        var spare = stackalloc float[Rows * Width];
        for (int n = first, count; n < last; n += count)
        {
            var stored = weights.Selection[n];
            var (panel, lane) = (stored / Width, stored % Width);
            count = RunLength(weights.Selection, n, last, stored, Width - lane);
            var data = weights.Data(panel);
            var scales = weights.Scales(panel);
            for (int r = 0, rows; r < x.Rows; r += rows)
            {
                rows = x.Rows - r >= Rows ? Rows : 1;
                var target = count == Width ? y.Row(r) + n : spare;
                var stride = count == Width ? y.Stride : Width;
                if (rows == Rows)
                    TKernel.FourRows(x, r, data, scales, target, stride);
                else
                    TKernel.OneRow(x, r, data, scales, target);
                for (var i = 0; i < rows && count < Width; i++)
                    new Span<float>(spare + i * Width + lane, count).CopyTo(new Span<float>(y.Row(r + i) + n, count));
            }
        }
    }

    private static int RunLength(in RowSelection selection, int first, int last, int stored, int most)
    {
        var count = 1;
        while (count < most && first + count < last && selection[first + count] == stored + count)
            count++;
        return count;
    }
}
