using System.Diagnostics;

namespace AttentionOperator.InferenceBench.Decoders;

/// <summary>
/// Tokens per second of peers that take turns, so that what else the machine does falls on all of them. The best turn counts.
/// A peer that is another program comes last in every turn, and in the result.
/// </summary>
internal static class Rates
{
    private const int PromptLength = 128, Turns = 5, MaxSteps = 64;

    public const int PrefillLength = 256;

    /// <summary>Longest sequence that a measurement reaches.</summary>
    public const int MaxLength = PrefillLength;

    /// <param name="batch">Sequences; their prompts are <see cref="PromptLength"/> tokens together.</param>
    /// <param name="seconds">Per peer, over all turns.</param>
    /// <param name="program">Its own measurement, tokens/s.</param>
    /// <param name="peers">In this process.</param>
    public static double[] Decode(int batch, double seconds, Func<double>? program, IDecodingPeer[] peers)
    {
        int[][] prompts = [.. Enumerable.Range(0, batch).Select(i => Concurrency.Prompt(i, PromptLength / batch + 1))];
        return Take(program, peers, peer =>
        {
            peer.Prefill(prompts);
            peer.Step();
            var start = Stopwatch.GetTimestamp();
            var steps = 0;
            do
            {
                peer.Step();
                steps++;
            }
            while (steps < MaxSteps && Stopwatch.GetElapsedTime(start).TotalSeconds < seconds / Turns);
            return batch * steps / Stopwatch.GetElapsedTime(start).TotalSeconds;
        });
    }

    public static double[] Prefill(Func<double>? program, IDecodingPeer[] peers)
    {
        int[][] prompt = [Concurrency.Prompt(1, PrefillLength)];
        return Take(program, peers, peer =>
        {
            var start = Stopwatch.GetTimestamp();
            peer.Prefill(prompt);
            return PrefillLength / Stopwatch.GetElapsedTime(start).TotalSeconds;
        });
    }

    /// <summary>Managed bytes per token of steady decoding, on all threads.</summary>
    public static double AllocatedPerToken(IDecodingPeer peer)
    {
        const int Steps = 64;
        peer.Prefill([Concurrency.Prompt(1, PromptLength)]);
        peer.Step();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < Steps; i++)
            peer.Step();
        return (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Steps;
    }

    private static double[] Take(Func<double>? program, IDecodingPeer[] peers, Func<IDecodingPeer, double> measure)
    {
        var best = new double[peers.Length + (program is null ? 0 : 1)];
        for (var turn = 0; turn < Turns; turn++)
        {
            for (var p = 0; p < peers.Length; p++)
                best[p] = Math.Max(best[p], measure(peers[p]));
            if (program is not null)
                best[^1] = Math.Max(best[^1], program());
        }

        return best;
    }
}
