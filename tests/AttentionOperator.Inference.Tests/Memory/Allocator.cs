using System.Runtime.InteropServices;

namespace AttentionOperator.Inference.Tests.Memory;

/// <summary>glibc's count of allocated bytes: libtorch's CPU tensors come from there, and the garbage-collected heap does not.</summary>
internal static class Allocator
{
    /// <summary>Bytes in use, without what finalizers of earlier tests would still give back meanwhile.</summary>
    public static long AllocatedBytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var info = mallinfo2();
        return (long)(info.UsedInArenas + info.UsedInMappings);
    }

    [DllImport("libc"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern Info mallinfo2();

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Info
    {
        private readonly nuint _arena, _ordblks, _smblks, _hblks;
        public readonly nuint UsedInMappings;
        private readonly nuint _usmblks, _fsmblks;
        public readonly nuint UsedInArenas;
        private readonly nuint _fordblks, _keepcost;
    }
}
