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
    private const int Runs = 31;

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

        var plain = Smallest(() => executor.Execute(batch, logits));
        var rows = new[] { 1, 8, text.Length }.Select(count =>
        {
            var wanted = Enumerable.Range(0, count).Select(i => text.Length - 1 - i * text.Length / count).ToHashSet();
            var time = Smallest(() => source.Execute(batch, logits, new AttentionEntropy(wanted)));
            return string.Create(CultureInfo.InvariantCulture, $"{count} rows {100 * (time / plain - 1):+0.0;-0.0}%");
        });
        return string.Create(CultureInfo.InvariantCulture, $"{name,-20} {text.Length} tokens, {plain:0.00} ms  ") + string.Join("  ", rows);
    }

    private static double Smallest(Action step)
    {
        step();
        var smallest = double.MaxValue;
        for (var i = 0; i < Runs; i++)
        {
            var start = ThreadMilliseconds();
            step();
            smallest = Math.Min(smallest, ThreadMilliseconds() - start);
        }

        return smallest;
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
