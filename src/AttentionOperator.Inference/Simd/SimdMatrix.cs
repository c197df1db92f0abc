using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Inference.Quantization;
using AttentionOperator.Inference.Simd.Kernels;
using AttentionOperator.Inference.Weights;

namespace AttentionOperator.Inference.Simd;

/// <summary>The form in which a matrix wants its input.</summary>
internal enum InputForm
{
    Float32,

    /// <summary>8 bits, columns in order.</summary>
    Quantized,

    /// <summary>8 bits, halved order (see <see cref="QuantizedRows"/>).</summary>
    QuantizedHalved,
}

/// <summary>A stored matrix, ready to multiply. All projections that share it share this.</summary>
internal abstract unsafe class SimdMatrix : IDisposable
{
    public abstract InputForm Form { get; }

    /// <summary>Bytes of one output's weights, for cutting work into tasks.</summary>
    public abstract long BytesPerOutput { get; }

    /// <summary>Outputs [first, last) of all rows, without bias.</summary>
    public abstract void Multiply(KernelSet kernels, RowsView x, QuantizedRows quantized, RowSelection selection, int first, int last, RowsView y);

    public abstract void Dispose();
}

/// <summary>Straight from the mapped file, or from a copy in another type; output rows first.</summary>
internal sealed unsafe class DenseSimdMatrix(byte* data, ElementType type, int columns, NativeBuffer? owned = null) : SimdMatrix
{
    public override InputForm Form => InputForm.Float32;

    public override long BytesPerOutput => (long)columns * type.Size();

    public override void Multiply(KernelSet kernels, RowsView x, QuantizedRows quantized, RowSelection selection, int first, int last, RowsView y) =>
        kernels.Dot(type, x, columns, new StoredView(data, (nint)columns * type.Size(), selection), first, last, y);

    public override void Dispose() => owned?.Dispose();
}

/// <summary>Stored with its inputs as rows (GPT-2).</summary>
internal sealed unsafe class TransposedSimdMatrix(byte* data, ElementType type, int columns, int storedRows, NativeBuffer? owned = null) : SimdMatrix
{
    /// <summary>Inputs per pass over the outputs: bounds the distance between reads of one input's row.</summary>
    private const int InputBlock = 64;

    public override InputForm Form => InputForm.Float32;

    public override long BytesPerOutput => (long)columns * type.Size();

    public override void Multiply(KernelSet kernels, RowsView x, QuantizedRows quantized, RowSelection selection, int first, int last, RowsView y)
    {
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
internal sealed unsafe class QuantizedSimdMatrix : SimdMatrix
{
    private readonly NativeBuffer _data = new(), _scales = new(), _minima = new();
    private readonly int _bits, _groups, _groupBytes;

    public QuantizedSimdMatrix(QuantizedMatrix matrix)
    {
        (_bits, _groups, _groupBytes) = (matrix.Bits, matrix.Groups, matrix.GroupSize * matrix.Bits / 8);
        if (matrix.GroupSize != QuantizedRows.GroupSize)
            throw new ArgumentException($"groups of {matrix.GroupSize} columns, expected {QuantizedRows.GroupSize}", nameof(matrix));
        // Out of the managed heap: pinned for good, and freed with the model.
        matrix.Data.CopyTo(new Span<byte>(_data.Reserve(matrix.Data.Length), matrix.Data.Length));
        matrix.Scales.CopyTo(new Span<float>(_scales.ReserveFloats(matrix.Scales.Length), matrix.Scales.Length));
        matrix.Minima.CopyTo(new Span<float>(_minima.ReserveFloats(matrix.Minima.Length), matrix.Minima.Length));
    }

    public override InputForm Form => _bits == 8 ? InputForm.Quantized : InputForm.QuantizedHalved;

    public override long BytesPerOutput => (long)_groups * (_groupBytes + (_bits == 8 ? 4 : 8));

    public override void Multiply(KernelSet kernels, RowsView x, QuantizedRows quantized, RowSelection selection, int first, int last, RowsView y)
    {
        var view = new QuantizedView(_data.Bytes, _scales.Floats, _minima.Floats, _groups, _groupBytes, selection);
        if (_bits == 8)
            Int8Kernel.Run(quantized, view, first, last, y);
        else
            Int4Kernel.Run(quantized, view, first, last, y);
    }

    public override void Dispose()
    {
        _data.Dispose();
        _scales.Dispose();
        _minima.Dispose();
    }
}
