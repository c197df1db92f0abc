using System.Diagnostics;

namespace AttentionOperator.InferenceBench;

/// <summary>Tokens per second of peers that take turns, so that what else the machine does falls on all of them. The best turn counts.</summary>
internal static class Rates
{
    private const int PromptLength = 128, Turns = 4, MaxSteps = 90;

    /// <summary>Longest sequence that a measurement reaches.</summary>
    public const int MaxLength = PromptLength + Turns * (MaxSteps + 1) + 1;

    public static double[] Decode(int batch, double seconds, params IDecodingPeer[] peers)
    {
        var best = new double[peers.Length];
        int[][] prompts = [.. Enumerable.Range(0, batch).Select(i => Concurrency.Prompt(i, PromptLength / batch + 1))];
        foreach (var peer in peers)
            peer.Prefill(prompts);
        for (var turn = 0; turn < Turns; turn++)
        {
            for (var p = 0; p < peers.Length; p++)
            {
                peers[p].Step();
                var start = Stopwatch.GetTimestamp();
                var steps = 0;
                do
                {
                    peers[p].Step();
                    steps++;
                }
                while (steps < MaxSteps && Stopwatch.GetElapsedTime(start).TotalSeconds < seconds / Turns);
                best[p] = Math.Max(best[p], batch * steps / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        return best;
    }

    public static double[] Prefill(int length, params IDecodingPeer[] peers)
    {
        var best = new double[peers.Length];
        int[][] prompt = [Concurrency.Prompt(1, length)];
        for (var turn = 0; turn < Turns; turn++)
        {
            for (var p = 0; p < peers.Length; p++)
            {
                var start = Stopwatch.GetTimestamp();
                peers[p].Prefill(prompt);
                best[p] = Math.Max(best[p], length / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        return best;
    }

    /// <summary>Managed bytes per token of steady decoding, on all threads.</summary>
    public static double AllocatedPerToken(IDecodingPeer peer)
    {
        const int Steps = 200;
        peer.Prefill([Concurrency.Prompt(1, PromptLength)]);
        for (var i = 0; i < 16; i++)
            peer.Step();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < Steps; i++)
            peer.Step();
        return (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Steps;
    }
}
