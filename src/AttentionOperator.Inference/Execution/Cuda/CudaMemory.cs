using System.Runtime.InteropServices;

namespace AttentionOperator.Inference.Execution.Cuda;

/// <summary>Memory of the first visible CUDA device (CUDA_VISIBLE_DEVICES and MIG slices apply), bytes.</summary>
/// <param name="FreeBytes">Not taken by any process; what libtorch's allocator keeps for reuse counts as taken.</param>
public readonly record struct CudaMemory(long FreeBytes, long TotalBytes)
{
    public long UsedBytes => TotalBytes - FreeBytes;

    /// <summary>Asks the driver; null where there is no driver, no device, or the driver answers with an error.</summary>
    /// <remarks>
    /// Through libcuda, which comes with every driver: TorchSharp binds none of libtorch's memory statistics. Takes some microseconds
    /// where the process computes on the device; the first call in another process makes the device's context (about 200 MB on it).
    /// </remarks>
    public static CudaMemory? Read()
    {
        try
        {
            return Native.cuInit(0) == 0 && Native.cuDeviceGet(out var device, 0) == 0 ? Read(device) : null;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            return null;
        }
    }

    private static CudaMemory? Read(int device)
    {
        // The primary context is the one that libtorch uses, whichever thread asks.
        if (Native.cuDevicePrimaryCtxRetain(out var context, device) != 0)
            return null;
        try
        {
            if (Native.cuCtxPushCurrent_v2(context) != 0)
                return null;
            var result = Native.cuMemGetInfo_v2(out var free, out var total);
            _ = Native.cuCtxPopCurrent_v2(out _);
            return result == 0 ? new CudaMemory((long)free, (long)total) : null;
        }
        finally
        {
            _ = Native.cuDevicePrimaryCtxRelease_v2(device);
        }
    }

    private static class Native
    {
        private const string Library = "libcuda.so.1";

        [DllImport(Library), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        internal static extern int cuInit(uint flags);

        [DllImport(Library), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        internal static extern int cuDeviceGet(out int device, int ordinal);

        [DllImport(Library), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        internal static extern int cuDevicePrimaryCtxRetain(out nint context, int device);

        [DllImport(Library), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        internal static extern int cuDevicePrimaryCtxRelease_v2(int device);

        [DllImport(Library), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        internal static extern int cuCtxPushCurrent_v2(nint context);

        [DllImport(Library), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        internal static extern int cuCtxPopCurrent_v2(out nint context);

        [DllImport(Library), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        internal static extern int cuMemGetInfo_v2(out nuint free, out nuint total);
    }
}
