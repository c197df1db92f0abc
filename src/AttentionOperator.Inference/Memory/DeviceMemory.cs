using AttentionOperator.Inference.Execution.Cuda;

namespace AttentionOperator.Inference.Memory;

/// <summary>Memory of the device that computes: the GPU's, or the process's own within the container's limit.</summary>
/// <param name="UsedBytes">In use: of the GPU by anybody, of the container by this process.</param>
/// <param name="TotalBytes">What there is.</param>
public readonly record struct DeviceMemory(long UsedBytes, long TotalBytes)
{
    private static readonly long s_container = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <param name="cuda">The model is computed on the GPU. Where its driver cannot be asked, the answer is the process's.</param>
    public static DeviceMemory Read(bool cuda) => cuda && CudaMemory.Read() is { } memory
        ? new DeviceMemory(memory.UsedBytes, memory.TotalBytes)
        : new DeviceMemory(Environment.WorkingSet, s_container);
}
