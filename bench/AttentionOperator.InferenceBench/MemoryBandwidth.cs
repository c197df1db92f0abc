using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AttentionOperator.InferenceBench;

/// <summary>The bound of decoding: bytes per second that all threads together can read from memory.</summary>
internal static unsafe class MemoryBandwidth
{
    private const nuint Size = 512 << 20;

    /// <summary>Best of several passes over 512 MiB, bytes/s.</summary>
    public static double Measure(int threads, int passes = 8)
    {
        var memory = (byte*)NativeMemory.AlignedAlloc(Size, 64);
        try
        {
            new Span<byte>(memory, (int)Size).Fill(1);
            double best = 0;
            for (var pass = 0; pass < passes; pass++)
            {
                var start = Stopwatch.GetTimestamp();
                var part = (nint)Size / threads / 256 * 256;
                var workers = Enumerable.Range(1, threads - 1).Select(i => new Thread(() => Read(memory + i * part, part))).ToArray();
                foreach (var worker in workers)
                    worker.Start();
                Read(memory, part);
                foreach (var worker in workers)
                    worker.Join();
                best = Math.Max(best, part * threads / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            return best;
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveOptimization)]
    private static void Read(byte* memory, nint length)
    {
        Vector256<long> a = default, b = default, c = default, d = default;
        for (nint i = 0; i < length; i += 128)
        {
            a ^= Vector256.Load((long*)(memory + i));
            b ^= Vector256.Load((long*)(memory + i + 32));
            c ^= Vector256.Load((long*)(memory + i + 64));
            d ^= Vector256.Load((long*)(memory + i + 96));
        }

        GC.KeepAlive(((a ^ b) ^ (c ^ d)).ToScalar() == 42 ? "" : null);
    }
}
