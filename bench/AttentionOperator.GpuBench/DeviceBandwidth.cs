using System.Diagnostics;
using TorchSharp;

namespace AttentionOperator.GpuBench;

internal static class DeviceBandwidth
{
    private const long Elements = 512L << 20;

    /// <summary>Bytes per second that a reduction over 2 GiB of float32 reads; the best of ten.</summary>
    public static double Measure()
    {
        using var scope = torch.NewDisposeScope();
        var data = torch.ones([Elements], dtype: torch.ScalarType.Float32, device: torch.CUDA);
        var best = double.MaxValue;
        for (var i = 0; i < 10; i++)
        {
            torch.cuda.synchronize();
            var start = Stopwatch.GetTimestamp();
            using var sum = data.sum();
            torch.cuda.synchronize();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return Elements * sizeof(float) / best;
    }
}
