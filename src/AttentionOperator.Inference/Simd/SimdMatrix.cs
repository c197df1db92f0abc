using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Inference.Quantization;
using AttentionOperator.Inference.Simd.Kernels;
using AttentionOperator.Inference.Weights;

namespace AttentionOperator.Inference.Simd;

/// <summary>The form in which a matrix wants its input.</summary>
internal enum InputForm
{
    Float32,

    /// <summary>8 bits (see <see cref="QuantizedRows"/>).</summary>
    Quantized,
}

/// <summary>A stored matrix, ready to multiply. All projections that share it share this.</summary>
internal abstract unsafe class SimdMatrix : IDisposable
{
    public abstract InputForm Form { get; }

    /// <summary>Bytes of one output's weights, for cutting work into tasks.</summary>
    public abstract long BytesPerOutput { get; }

    /// <summary>Outputs [first, last) of all rows, without bias.</summary>
    /// <param name="scratch">Of the calling thread.</param>
    public abstract void Multiply(KernelSet kernels, in ProductInput input, RowSelection selection, int first, int last, RowsView y, NativeBuffer scratch);

    public abstract void Dispose();
}

/// <summary>Straight from the mapped file, or from a copy in another type; output rows first.</summary>
internal sealed unsafe class DenseSimdMatrix(byte* data, ElementType type, int columns, NativeBuffer? owned = null) : SimdMatrix
{
    public override InputForm Form => InputForm.Float32;

    public override long BytesPerOutput => (long)columns * type.Size();

    public override void Multiply(KernelSet kernels, in ProductInput input, RowSelection selection, int first, int last, RowsView y, NativeBuffer scratch) =>
        kernels.Dot(type, input.Rows, columns, new StoredView(data, (nint)columns * type.Size(), selection), first, last, y, scratch);

    public override void Dispose() => owned?.Dispose();
}

/// <summary>Stored with its inputs as rows (GPT-2).</summary>
internal sealed unsafe class TransposedSimdMatrix(byte* data, ElementType type, int columns, int storedRows, NativeBuffer? owned = null) : SimdMatrix
{
    /// <summary>Inputs per pass over the outputs: bounds the distance between reads of one input's row.</summary>
    private const int InputBlock = 64;

    public override InputForm Form => InputForm.Float32;

    public override long BytesPerOutput => (long)columns * type.Size();

    public override void Multiply(KernelSet kernels, in ProductInput input, RowSelection selection, int first, int last, RowsView y, NativeBuffer scratch)
    {
        var x = input.Rows;
        for (var r = 0; r < x.Rows; r++)
            new Span<float>(y.Row(r) + first, last - first).Clear();
        var rowBytes = (nint)storedRows * type.Size();
        // The selection is one run: ExecutorChoice refuses others.
        for (var k = 0; k < columns; k += InputBlock)
        {
            var inputs = new RowsView(x.Data + k, x.Stride, x.Rows);
            kernels.Outer(type, inputs, Math.Min(InputBlock, columns - k), data + k * rowBytes + (nint)selection.Start * type.Size(), rowBytes, first, last, y);
        }
    }

    public override void Dispose() => owned?.Dispose();
}

/// <summary>8 or 4 bits, multiplied as integers with the input in 8 bits.</summary>
internal sealed unsafe class QuantizedSimdMatrix(QuantizedMatrix matrix) : SimdMatrix
{
    private readonly QuantizedPanels _panels = new(matrix);
    private readonly int _bits = matrix.Bits;

    public override InputForm Form => InputForm.Quantized;

    public override long BytesPerOutput { get; } = QuantizedMatrix.Bytes(1, matrix.Columns, matrix.Bits);

    public override void Multiply(KernelSet kernels, in ProductInput input, RowSelection selection, int first, int last, RowsView y, NativeBuffer scratch)
    {
        if (_bits == 8)
            PanelProducts<Int8Panels>.Run(input.Quantized, _panels.View(selection), first, last, y);
        else
            PanelProducts<Int4Panels>.Run(input.Quantized, _panels.View(selection), first, last, y);
    }

    public override void Dispose() => _panels.Dispose();
}
