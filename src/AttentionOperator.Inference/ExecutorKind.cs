namespace AttentionOperator.Inference;

/// <summary>What computes a model.</summary>
public enum ExecutorKind
{
    /// <summary>SIMD for decoders on the CPU, libtorch for the rest.</summary>
    Auto,

    /// <summary>libtorch: the reference, every model, CUDA.</summary>
    Libtorch,

    /// <summary>Managed SIMD code over the memory-mapped weights: decoders on the CPU.</summary>
    Simd,
}
