using AttentionOperator.Inference.Simd.Kernels;

namespace AttentionOperator.Inference.Simd;

/// <summary>One product's input.</summary>
/// <param name="Rows">In float32.</param>
/// <param name="Quantized">The same in 8 bits, where the matrix wants that.</param>
internal readonly record struct ProductInput(RowsView Rows, QuantizedRows Quantized);
