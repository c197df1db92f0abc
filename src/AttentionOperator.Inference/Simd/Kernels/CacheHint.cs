using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace AttentionOperator.Inference.Simd.Kernels;

/// <summary>
/// Tells the processor what a pass over weights will read: a single row's products are bound by memory, and the processor's own prefetching stops at
/// the end of every page. Worth a tenth to a fifth of the bandwidth.
/// </summary>
internal static unsafe class CacheHint
{
    public const int Line = 64;

    /// <summary>Far enough for the memory's latency, near enough to stay in the first-level cache until it is used.</summary>
    private const int Ahead = 2048;

    /// <summary>The line that follows this address at a distance; it need not be memory of the matrix.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Soon(byte* at)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(at + Ahead);
    }

    /// <summary>The lines of a run; a constant length costs no loop. In the order of the addresses, whatever the order of use: memory is fastest so.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(byte* start, int bytes)
    {
        if (!Sse.IsSupported)
            return;
        Sse.Prefetch0(start);
        if (bytes > Line)
            Sse.Prefetch0(start + Line);
        if (bytes > 2 * Line)
        {
            Sse.Prefetch0(start + 2 * Line);
            Sse.Prefetch0(start + 3 * Line);
        }

        if (bytes > 4 * Line)
        {
            Sse.Prefetch0(start + 4 * Line);
            Sse.Prefetch0(start + 5 * Line);
            Sse.Prefetch0(start + 6 * Line);
            Sse.Prefetch0(start + 7 * Line);
        }
    }
}
