using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Inference.Quantization;

namespace AttentionOperator.Inference.Simd.Kernels;

/// <summary>
/// A quantized matrix in the kernels' order: eight output rows make a panel, and of a group of 32 columns come four columns of all eight
/// rows, then the next four, so that a register of products holds one sum per row and nothing has to be added across it.
/// 4 bits: the low halves are columns 0…15 of the group, the high ones 16…31. Rows that fill the last panel have a scale of zero.
/// </summary>
internal sealed unsafe class QuantizedPanels : IDisposable
{
    public const int Rows = 8;

    /// <summary>Columns of a row that lie side by side.</summary>
    private const int Run = 4;

    private readonly NativeBuffer _data = new(), _scales = new();
    private readonly int _groups, _groupBytes, _groupScales;

    public QuantizedPanels(QuantizedMatrix matrix)
    {
        if (matrix.GroupSize != QuantizedRows.GroupSize)
            throw new ArgumentException($"groups of {matrix.GroupSize} columns, expected {QuantizedRows.GroupSize}", nameof(matrix));
        _groups = matrix.Groups;
        _groupBytes = Rows * QuantizedRows.GroupSize * matrix.Bits / 8;
        _groupScales = matrix.Bits == 8 ? Rows : 2 * Rows;
        var panels = (matrix.Rows + Rows - 1) / Rows;
        _data.Reserve((long)panels * _groups * _groupBytes);
        _scales.Reserve((long)panels * _groups * _groupScales * sizeof(ushort));
        _data.Clear();
        _scales.Clear();
        for (var row = 0; row < matrix.Rows; row++)
            Write(matrix, row);
    }

    public PanelView View(RowSelection selection) => new(_data.Bytes, (ushort*)_scales.Bytes, _groups, _groupBytes, _groupScales, selection);

    public void Dispose()
    {
        _data.Dispose();
        _scales.Dispose();
    }

    private void Write(QuantizedMatrix matrix, int row)
    {
        var (panel, lane) = (row / Rows, row % Rows);
        var source = matrix.Data.AsSpan((int)((long)row * matrix.BytesPerRow), matrix.BytesPerRow);
        for (var g = 0; g < _groups; g++)
        {
            var at = (nint)panel * _groups + g;
            var scales = (ushort*)_scales.Bytes + at * _groupScales;
            scales[lane] = Upper(matrix.Scales[(long)row * _groups + g]);
            var target = _data.Bytes + at * _groupBytes;
            if (matrix.Bits == 8)
            {
                for (var column = 0; column < QuantizedRows.GroupSize; column++)
                    target[column / Run * Rows * Run + lane * Run + column % Run] = source[g * QuantizedRows.GroupSize + column];
                continue;
            }

            scales[Rows + lane] = Upper(matrix.Minima[(long)row * _groups + g]);
            const int Half = QuantizedRows.GroupSize / 2;
            for (var column = 0; column < Half; column++)
            {
                var halves = Level(source, g * QuantizedRows.GroupSize + column) | Level(source, g * QuantizedRows.GroupSize + Half + column) << 4;
                target[column / Run * Rows * Run + lane * Run + column % Run] = (byte)halves;
            }
        }
    }

    private static int Level(ReadOnlySpan<byte> pairs, int column) => pairs[column / 2] >> column % 2 * 4 & 0xF;

    /// <summary>Exact: the quantizer rounds its scales to this.</summary>
    private static ushort Upper(float value) => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);
}
