namespace AttentionOperator.Inference.Memory;

/// <summary>Tells a lack of memory from other failures of a computation.</summary>
public static class MemoryFailure
{
    /// <summary>What libtorch's allocators say: "CUDA out of memory. Tried to allocate …", "DefaultCPUAllocator: can't allocate memory", "not enough memory".</summary>
    private static readonly string[] Words = ["out of memory", "can't allocate memory", "not enough memory"];

    public static bool Is(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is OutOfMemoryException) return true;
            // The native library throws one type for everything; only its words tell.
            foreach (var words in Words)
                if (exception.Message.Contains(words, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }
}
