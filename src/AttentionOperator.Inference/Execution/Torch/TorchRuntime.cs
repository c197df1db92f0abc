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
    public static void Initialize(int? threads = null)
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
                torch.InitializeDeviceType(DeviceType.CPU);
                s_initialized = true;
            }

            // .NET reads the cgroup's CPU quota for ProcessorCount.
            torch.set_num_threads(threads ?? Environment.ProcessorCount);
        }
    }

    private static class NativeMethods
    {
        [DllImport("libc", EntryPoint = "setenv", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        internal static extern int SetEnvironment(string name, string value, int overwrite);
    }
}
