using System.Runtime.InteropServices;

namespace AttentionOperator.Inference.Simd;

/// <summary>Aligned memory outside the managed heap that grows to the largest step, and stays.</summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    private const int Alignment = 64;

    private static long s_allocated;

    ~NativeBuffer() => Release();

    /// <summary>Bytes of all buffers of the process.</summary>
    public static long Allocated => Interlocked.Read(ref s_allocated);

    public byte* Bytes { get; private set; }

    public float* Floats => (float*)Bytes;

    public long Length { get; private set; }

    /// <summary>At least so many bytes; what was in them is lost when they move.</summary>
    public byte* Reserve(long bytes)
    {
        if (bytes > Length)
        {
            Release();
            Bytes = (byte*)NativeMemory.AlignedAlloc(checked((nuint)bytes), Alignment);
            Length = bytes;
            Interlocked.Add(ref s_allocated, bytes);
        }

        return Bytes;
    }

    public float* ReserveFloats(long count) => (float*)Reserve(checked(count * sizeof(float)));

    public void Clear() => NativeMemory.Clear(Bytes, (nuint)Length);

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        NativeMemory.AlignedFree(Bytes);
        Interlocked.Add(ref s_allocated, -Length);
        Bytes = null;
        Length = 0;
    }
}
