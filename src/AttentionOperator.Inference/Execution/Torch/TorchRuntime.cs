using System.Runtime.InteropServices;
using TorchSharp;

namespace AttentionOperator.Inference.Execution.Torch;

/// <summary>Process-wide settings of libtorch, made once before the first tensor.</summary>
public static class TorchRuntime
{
    private static readonly Lock Gate = new();
    private static bool s_initialized;

    /// <summary>
    /// Loads libtorch with <paramref name="threads"/> arithmetic threads (null: the container's CPU limit). OpenMP's threads
    /// sleep instead of spinning between operations: with more runnable threads than CPUs, spinning makes a step several times slower.
    /// Later calls change the number of threads only.
    /// </summary>
    /// <param name="threads">Arithmetic threads.</param>
    /// <param name="cuda">Load the CUDA libraries too, where the build has them.</param>
    public static void Initialize(int? threads = null, bool cuda = false)
    {
        if (threads is <= 0)
            throw new ArgumentOutOfRangeException(nameof(threads), threads, "at least one arithmetic thread is needed");
        lock (Gate)
        {
            if (!s_initialized)
            {
                // OpenMP reads the C environment when it is loaded; Environment.SetEnvironmentVariable does not reach it.
                if (Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null && OperatingSystem.IsLinux())
                    _ = NativeMethods.SetEnvironment("OMP_WAIT_POLICY", "PASSIVE", 1);
                // cuDNN's attention makes a plan for every new pair of batch and length, which costs tens of milliseconds; decoding has a new one every step.
                if (Environment.GetEnvironmentVariable("TORCH_CUDNN_SDPA_DEPRIORITIZED") is null && OperatingSystem.IsLinux())
                    _ = NativeMethods.SetEnvironment("TORCH_CUDNN_SDPA_DEPRIORITIZED", "1", 1);
                if (!cuda || !torch.TryInitializeDeviceType(DeviceType.CUDA))
                    torch.InitializeDeviceType(DeviceType.CPU);
                s_initialized = true;
            }

            // .NET reads the cgroup's CPU quota for ProcessorCount.
            torch.set_num_threads(threads ?? Environment.ProcessorCount);
        }
    }

    /// <summary>
    /// A CUDA device is there and this build can use it. libtorch is asked only where the system shows a device: loading it takes time
    /// and memory that a decoder on the SIMD executor has no use for.
    /// </summary>
    public static bool FindsCuda(int? threads = null)
    {
        if (OperatingSystem.IsLinux() && !File.Exists("/dev/dxg") && !Directory.EnumerateFileSystemEntries("/dev", "nvidia*").Any())
            return false;
        Initialize(threads);
        return torch.cuda.is_available();
    }

    private static class NativeMethods
    {
        [DllImport("libc", EntryPoint = "setenv", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        internal static extern int SetEnvironment(string name, string value, int overwrite);
    }
}
