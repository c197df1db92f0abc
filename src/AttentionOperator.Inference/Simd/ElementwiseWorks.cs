using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Inference.Simd.Kernels;

namespace AttentionOperator.Inference.Simd;

/// <summary>A norm of every row.</summary>
internal sealed unsafe class NormWork(KernelSet kernels) : RowWork
{
    private NormDescription? _norm;
    private NormParameters _parameters;
    private RowsView _x, _y;

    public void Set(NormDescription norm, NormParameters parameters, RowsView x, RowsView y) => (_norm, _parameters, _x, _y) = (norm, parameters, x, y);

    protected override void Rows(int first, int last)
    {
        for (var row = first; row < last; row++)
            kernels.Norm(_norm!.Kind, _x.Row(row), _parameters.Weight, _parameters.Bias, _norm.Epsilon, _norm.Size, _y.Row(row));
    }
}

/// <summary>x ← act(x) · up.</summary>
internal sealed unsafe class ActivationWork(KernelSet kernels) : RowWork
{
    private ActivationKind _kind;
    private RowsView _x;
    private float* _up;
    private int _size;

    public void Set(ActivationKind kind, RowsView x, float* up, int size)
    {
        _kind = kind;
        _x = x;
        _up = up;
        _size = size;
    }

    protected override void Rows(int first, int last)
    {
        for (var row = first; row < last; row++)
            kernels.Activate(_kind, _x.Row(row), _up == null ? null : _up + row * _x.Stride, _size);
    }
}

/// <summary>x ← x + y.</summary>
internal sealed unsafe class AdditionWork(KernelSet kernels) : RowWork
{
    private RowsView _x, _y;
    private int _size;

    public void Set(RowsView x, RowsView y, int size) => (_x, _y, _size) = (x, y, size);

    protected override void Rows(int first, int last)
    {
        for (var row = first; row < last; row++)
            kernels.Add(_x.Row(row), _y.Row(row), _size);
    }
}

/// <summary>Activations to 8 bits.</summary>
internal sealed class QuantizationWork : RowWork
{
    private RowsView _x;
    private QuantizedRows _target;
    private int _columns;

    public void Set(RowsView x, int columns, QuantizedRows target) => (_x, _columns, _target) = (x, columns, target);

    protected override void Rows(int first, int last) => ActivationQuantizer.Run(_x, _columns, _target, first, last);
}
