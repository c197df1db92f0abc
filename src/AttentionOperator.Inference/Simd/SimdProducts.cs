using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Inference.Simd.Kernels;
using AttentionOperator.Inference.Simd.Threading;

namespace AttentionOperator.Inference.Simd;

/// <summary>Matrix products of one input with the projections that read it, its 8-bit form made once.</summary>
internal sealed unsafe class SimdProducts(KernelSet kernels, SimdWeights weights, WorkerPool pool) : IDisposable
{
    private readonly ProductWork _work = new(kernels, pool.Count);
    private readonly QuantizationWork _quantization = new();
    private readonly NativeBuffer _data = new(), _scales = new(), _sums = new();

    /// <param name="linear">Any of the projections.</param>
    /// <param name="x">Their input.</param>
    public void Begin(LinearDescription linear, RowsView x)
    {
        var quantized = weights.Matrix(linear).Form == InputForm.Quantized ? Quantize(x, linear.InputSize) : default;
        _work.Begin(new ProductInput(x, quantized));
    }

    public void Add(LinearDescription linear, RowsView y) =>
        _work.Add(weights.Matrix(linear), linear.Rows, linear.Bias is null ? null : weights.Vector(linear.Bias), y);

    public void Run() => _work.Run(pool);

    public void Dispose()
    {
        _work.Dispose();
        _data.Dispose();
        _scales.Dispose();
        _sums.Dispose();
    }

    private QuantizedRows Quantize(RowsView x, int columns)
    {
        var groups = (columns + QuantizedRows.GroupSize - 1) / QuantizedRows.GroupSize;
        var cells = (long)x.Rows * groups;
        var rows = new QuantizedRows((sbyte*)_data.Reserve(cells * QuantizedRows.GroupSize), _scales.ReserveFloats(cells), _sums.ReserveFloats(cells), groups, x.Rows);
        _quantization.Set(x, columns, rows);
        _quantization.RunRows(pool, x.Rows);
        return rows;
    }
}
