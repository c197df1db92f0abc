using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using AttentionOperator.Inference;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Probes;

namespace AttentionOperator.Fidelity;

/// <summary>What the entropy probe adds to a prefill of a decoder fixture's longest text, by number of rows looked at. Processor time of the one thread that computes, smallest of the runs: other load does not count.</summary>
internal static class EntropyCost
{
    private const int Runs = 101;

    public static string? Measure(string directory, string name)
    {
        var path = Path.Combine(directory, name);
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(path, "golden.json")));
        if (document.RootElement.Find("kind")?.GetString() != "decoder")
            return null;
        var text = document.RootElement.Items("forward").Select(f => f.Ints("input_ids")).MaxBy(t => t.Length)!;
        using var model = ModelLoader.Load(path, new LoadOptions { Threads = 1 });
        using var executor = model.CreateDecoderExecutor(16, text.Length / 16 + 1);
        var batch = new StepBatch();
        batch.TokenIds.AddRange(text);
        batch.Sequences.Add(new StepSequence(0, text.Length, 0, [.. Enumerable.Range(0, executor.Shape.BlockCount)]));
        batch.LogitRows.Add(text.Length - 1);
        var logits = new float[executor.Shape.VocabularySize];
        var source = (IAttentionEntropySource)executor;

        int[] counts = [0, 1, 8, text.Length];
        var smallest = counts.Select(_ => double.MaxValue).ToArray();
        for (var run = 0; run < Runs; run++)
        {
            // In turn, so that a busy moment of the machine meets all of them.
            for (var i = 0; i < counts.Length; i++)
            {
                var wanted = Enumerable.Range(0, counts[i]).Select(k => text.Length - 1 - k * text.Length / counts[i]).ToHashSet();
                var start = ThreadMilliseconds();
                if (counts[i] == 0)
                    executor.Execute(batch, logits);
                else
                    source.Execute(batch, logits, counts[i] == text.Length ? new AttentionEntropy() : new AttentionEntropy(wanted));
                smallest[i] = Math.Min(smallest[i], ThreadMilliseconds() - start);
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{name,-20} {text.Length} tokens, {smallest[0]:0.00} ms  ")
            + string.Join("  ", counts.Skip(1).Select((count, i) => string.Create(CultureInfo.InvariantCulture, $"{count} rows {100 * (smallest[i + 1] / smallest[0] - 1):+0.0;-0.0}%")));
    }

    private static double ThreadMilliseconds()
    {
        const int threadClock = 3;
        _ = clock_gettime(threadClock, out var time);
        return time.Seconds * 1e3 + time.Nanoseconds / 1e6;
    }

    [DllImport("libc"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int clock_gettime(int clock, out TimeSpecification time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct TimeSpecification
    {
        public readonly long Seconds, Nanoseconds;
    }
}
