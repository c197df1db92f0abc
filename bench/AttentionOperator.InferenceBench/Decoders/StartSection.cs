using System.Diagnostics;
using AttentionOperator.Bench.Results;
using AttentionOperator.Inference;

namespace AttentionOperator.InferenceBench.Decoders;

/// <summary>Load time, time to the first token of a new process, and its memory.</summary>
internal static class StartSection
{
    public static void Run(BenchRun run, string model)
    {
        FirstToken.Measure(model);
        var first = Enumerable.Range(0, 3).Select(_ => FirstToken.Measure(model)).MinBy(m => m.Seconds);
        run.Add("first_token_500mb_seconds", new Metric(first.Seconds, "seconds", "target", 2, first.Seconds / 2));
        run.Add("first_token_500mb_resident_mib", first.Resident / 1048576.0, "MiB");
        var start = Stopwatch.GetTimestamp();
        using (ModelLoader.Load(model))
            run.Add("load_500mb_seconds", Stopwatch.GetElapsedTime(start).TotalSeconds, "seconds");
    }
}
