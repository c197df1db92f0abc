using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AttentionOperator.InferenceBench;

/// <summary>What the machine can do at most, with all threads: bytes read from memory, and float32 operations on registers. Best of several passes.</summary>
internal static unsafe class MachineBounds
{
    /// <summary>Larger than any cache.</summary>
    private const long Size = 512 << 20;

    /// <summary>Bytes per second.</summary>
    public static double Bandwidth(int threads, int passes = 8)
    {
        var memory = (byte*)NativeMemory.AlignedAlloc((nuint)Size, 64);
        try
        {
            new Span<byte>(memory, (int)Size).Fill(1);
            var part = (nint)Size / threads / 256 * 256;
            return Best(threads, passes, i => Read(memory + i * part, part)) * part;
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    /// <summary>Float32 multiplications and additions per second, in fused form.</summary>
    public static double Arithmetic(int threads, int passes = 8)
    {
        const int Rounds = 4_000_000;
        var wide = Vector512.IsHardwareAccelerated;
        return Best(threads, passes, _ => { if (wide) Multiply512(Rounds); else Multiply256(Rounds); }) * Rounds * 12 * 2 * (wide ? 16 : 8);
    }

    /// <summary>Runs per second, summed over the threads.</summary>
    private static double Best(int threads, int passes, Action<int> run)
    {
        double best = 0;
        for (var pass = 0; pass < passes; pass++)
        {
            var start = Stopwatch.GetTimestamp();
            var workers = Enumerable.Range(1, threads - 1).Select(i => new Thread(() => run(i))).ToArray();
            foreach (var worker in workers)
                worker.Start();
            run(0);
            foreach (var worker in workers)
                worker.Join();
            best = Math.Max(best, threads / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply256(int rounds)
    {
        var (x, y) = (Vector256.Create(0.999f), Vector256.Create(1e-3f));
        Vector256<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (var round = 0; round < rounds; round++)
        {
            a = Vector256.FusedMultiplyAdd(a, x, y);
            b = Vector256.FusedMultiplyAdd(b, x, y);
            c = Vector256.FusedMultiplyAdd(c, x, y);
            d = Vector256.FusedMultiplyAdd(d, x, y);
            e = Vector256.FusedMultiplyAdd(e, x, y);
            f = Vector256.FusedMultiplyAdd(f, x, y);
            g = Vector256.FusedMultiplyAdd(g, x, y);
            h = Vector256.FusedMultiplyAdd(h, x, y);
            i = Vector256.FusedMultiplyAdd(i, x, y);
            j = Vector256.FusedMultiplyAdd(j, x, y);
            k = Vector256.FusedMultiplyAdd(k, x, y);
            l = Vector256.FusedMultiplyAdd(l, x, y);
        }

        GC.KeepAlive((a + b + c + d + e + f + g + h + i + j + k + l).ToScalar() == 42 ? "" : null);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply512(int rounds)
    {
        var (x, y) = (Vector512.Create(0.999f), Vector512.Create(1e-3f));
        Vector512<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (var round = 0; round < rounds; round++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, y);
            b = Vector512.FusedMultiplyAdd(b, x, y);
            c = Vector512.FusedMultiplyAdd(c, x, y);
            d = Vector512.FusedMultiplyAdd(d, x, y);
            e = Vector512.FusedMultiplyAdd(e, x, y);
            f = Vector512.FusedMultiplyAdd(f, x, y);
            g = Vector512.FusedMultiplyAdd(g, x, y);
            h = Vector512.FusedMultiplyAdd(h, x, y);
            i = Vector512.FusedMultiplyAdd(i, x, y);
            j = Vector512.FusedMultiplyAdd(j, x, y);
            k = Vector512.FusedMultiplyAdd(k, x, y);
            l = Vector512.FusedMultiplyAdd(l, x, y);
        }

        GC.KeepAlive((a + b + c + d + e + f + g + h + i + j + k + l).ToScalar() == 42 ? "" : null);
    }
}
