namespace AttentionOperator.Inference.Simd.Kernels;

/// <summary>
/// Products of one panel's eight rows: y[r, 0…7] = Σ_groups scale(x) · scale(w) · Σ q(x) · q(w) (+ minimum(w) · scale(x) · Σ q(x)). Sums of a group are
/// exact integers and groups are added in order, so that a row's result does not depend on the tile that computes it.
/// </summary>
internal unsafe interface IPanelKernel
{
    static abstract void OneRow(in QuantizedRows x, int row, byte* data, ushort* scales, float* y);

    static abstract void FourRows(in QuantizedRows x, int row, byte* data, ushort* scales, float* y, nint stride);
}
