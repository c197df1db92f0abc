using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Simd.Kernels;

/// <summary>Rows of activations: [Rows, columns] at Data, Stride floats from one to the next.</summary>
internal readonly unsafe struct RowsView(float* data, nint stride, int rows)
{
    public readonly float* Data = data;
    public readonly nint Stride = stride;
    public readonly int Rows = rows;

    public float* Row(int row) => Data + row * Stride;

    public RowsView Slice(int first, int count) => new(Row(first), Stride, count);
}

/// <summary>Stored rows of elements; Selection says which of them are meant.</summary>
internal readonly unsafe struct StoredView(byte* data, nint rowBytes, RowSelection selection)
{
    public readonly byte* Data = data;
    public readonly nint RowBytes = rowBytes;
    public readonly RowSelection Selection = selection;

    public byte* Row(int index) => Data + Selection[index] * RowBytes;
}
