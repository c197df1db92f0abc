using AttentionOperator.Inference.Quantization;
using TorchSharp;

namespace AttentionOperator.Inference.Execution.Torch;

/// <summary>Weight-only quantization: rows are widened to the arithmetic's type a bounded number at a time, then multiplied.</summary>
internal sealed class QuantizedTorchLinear : TorchLinear
{
    /// <summary>Weights widened at a time: 16 MiB in float32.</summary>
    public const int MaxWidened = 4 << 20;

    // The matrix itself is not kept: its arrays live on in the tensors only.
    private readonly int _rows, _columns, _bits, _groups, _groupSize;
    private readonly torch.Tensor _data, _scales;
    private readonly torch.Tensor? _minima, _bias;

    public QuantizedTorchLinear(QuantizedMatrix matrix, torch.Tensor? bias, torch.Device device)
    {
        (_rows, _columns, _bits, _groups, _groupSize) = (matrix.Rows, matrix.Columns, matrix.Bits, matrix.Groups, matrix.GroupSize);
        long[] grouped = [matrix.Rows, matrix.Groups, matrix.GroupSize * matrix.Bits / 8], perGroup = [matrix.Rows, matrix.Groups, 1];
        _data = torch.tensor(matrix.Data, grouped, dtype: torch.ScalarType.Byte, device: device).DetachFromDisposeScope();
        _scales = Store(matrix.Scales, perGroup, device);
        _minima = matrix.Bits == 4 ? Store(matrix.Minima, perGroup, device) : null;
        _bias = bias?.view(-1).DetachFromDisposeScope();
    }

    public override torch.Tensor Apply(torch.Tensor input)
    {
        var step = Math.Max(1, MaxWidened / (_groups * _groupSize));
        var parts = new List<torch.Tensor>();
        for (var row = 0; row < _rows; row += step)
        {
            using var scope = torch.NewDisposeScope();
            var count = Math.Min(step, _rows - row);
            var weight = Widen(row, count).to_type(input.dtype);
            parts.Add(torch.nn.functional.linear(input, weight, _bias is null ? null! : _bias.narrow(0, row, count)).MoveToOuterDisposeScope());
        }

        return parts.Count == 1 ? parts[0] : torch.cat(parts, 1);
    }

    public override void Dispose()
    {
        _data.Dispose();
        _scales.Dispose();
        _minima?.Dispose();
        _bias?.Dispose();
    }

    /// <summary>Exact: they are bfloat16 numbers.</summary>
    private static torch.Tensor Store(float[] values, long[] shape, torch.Device device)
    {
        using var wide = torch.tensor(values, shape, device: device);
        return wide.to_type(torch.ScalarType.BFloat16).DetachFromDisposeScope();
    }

    private torch.Tensor Widen(int row, int count)
    {
        var data = _data.narrow(0, row, count);
        torch.Tensor values;
        if (_bits == 8)
        {
            // Bytes to signed: 255 is −1.
            values = data.to_type(torch.ScalarType.Int8).to_type(torch.ScalarType.Float32).mul_(_scales.narrow(0, row, count));
        }
        else
        {
            var halves = torch.stack([data.bitwise_and(torch.tensor((byte)0xF)), data.bitwise_right_shift(torch.tensor((byte)4))], -1);
            values = halves.view(count, _groups, _groupSize).to_type(torch.ScalarType.Float32).mul_(_scales.narrow(0, row, count)).add_(_minima!.narrow(0, row, count));
        }

        return values.view(count, _groups * _groupSize).narrow(1, 0, _columns);
    }
}
