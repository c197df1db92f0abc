namespace AttentionOperator.Inference.Simd.Kernels;

/// <summary>How 16-bit weights are widened for many rows.</summary>
internal static class WidenedWeights
{
    /// <summary>So many rows pay for it.</summary>
    public const int LeastRows = 32;

    /// <summary>Outputs at a time: their weights stay in the second-level cache.</summary>
    public const int Outputs = 48;

    /// <summary>Floats from one output's weights to the next, never a multiple of a page: such rows compete for the same places of the first-level cache.</summary>
    public static int Stride(int columns) => (columns + 15) / 16 * 16 + 16;

    /// <summary>What a thread needs.</summary>
    public static long ScratchFloats(int columns) => (long)Outputs * Stride(columns);
}
