using System.Diagnostics;
using System.Globalization;
using AttentionOperator.Bench.Results;

namespace AttentionOperator.RuntimeBench;

/// <summary>Runs all measurements and writes the file.</summary>
internal sealed class RuntimeBenchmark(BenchmarkOptions options) : IDisposable
{
    private const double Overload = 2;
    private const int Scrapes = 300;
    private const int Seed = 1;
    private static readonly TimeSpan MemoryPoll = TimeSpan.FromSeconds(1);
    private readonly string directory = Directory.CreateTempSubdirectory("runtime-bench-").FullName;
    private readonly Dictionary<string, Metric> metrics = [];
    private readonly List<string> notes = [];
    private readonly Workload workload = new(Seed);
    private readonly long start = Stopwatch.GetTimestamp();

    public async Task RunAsync(CancellationToken cancellation)
    {
        var small = Path.Combine(directory, "small");
        RandomLlama.Small.Write(small, options.Tokenizer);
        if (options.LoadTime > TimeSpan.Zero) await OverloadAsync(small, cancellation);
        if (options.Drains > 0) await DrainAsync(small, cancellation);
        if (options.Starts > 0) await ColdStartAsync(cancellation);
        var report = BenchmarkReport.Create("runtime", options.Command, options.Root, metrics, notes);
        report.Write(options.Root);
        Console.WriteLine(report.ToJson());
    }

    public void Dispose() => Directory.Delete(directory, recursive: true);

    private async Task OverloadAsync(string model, CancellationToken cancellation)
    {
        using var generator = new RuntimeProcess(options.Executable, directory, model, $$"""
            {"model":"{{Workload.Model}}","namespace":"bench","revision":"r","task":"Generate","limits":{"maxInputTokens":3500,"maxOutputTokens":256,"maxBatchTokens":128},"batching":{"maxSequences":16,"maxQueuedRequests":64,"cacheMemory":"512Mi"},"threads":1}
            """);
        using var embedder = new RuntimeProcess(options.Executable, directory, options.Embedder, $$"""
            {"model":"{{Workload.Model}}","namespace":"bench","revision":"r","task":"Embed","limits":{"maxBatchTokens":1024},"batching":{"maxSequences":32,"maxQueuedRequests":64},"threads":1}
            """);
        await generator.ReadyAsync(cancellation);
        await embedder.ReadyAsync(cancellation);
        var load = new LoadGenerator(generator.Client, embedder.Client, workload);
        // Everything is compiled and every buffer has its size.
        await load.CapacityAsync(options.CalibrationTime / 3, cancellation);
        var capacity = await load.CapacityAsync(options.CalibrationTime, cancellation);
        var offered = capacity.ToDictionary(c => c.Key, c => c.Value * Overload);
        Say($"capacity: {Text(capacity)} per second");
        var alone = await load.OpenAsync(new Dictionary<RequestKind, double> { [RequestKind.Chat] = offered[RequestKind.Chat] }, options.CalibrationTime, Seed, cancellation);
        var (aloneTotal, aloneFirst) = (alone.Quantile(RequestKind.Chat, 0.95), alone.Quantile(RequestKind.Chat, 0.95, firstByte: true));
        Say($"interactive alone: P95 {aloneTotal * 1000:F0} ms, first token {aloneFirst * 1000:F0} ms");

        using var watching = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var memory = WatchAsync([generator, embedder], watching.Token);
        var statistics = await load.OpenAsync(offered, options.LoadTime, Seed + 1, cancellation);
        await watching.CancelAsync();
        var samples = await memory;
        Report(statistics, capacity, aloneTotal, aloneFirst);
        metrics["soak_rss_growth_mb"] = new Metric(Math.Round(samples.Max(Growth), 1), "MiB");
        notes.Add($"resident at the end of the load: generator {generator.ResidentMiB:F0} MiB, embedder {embedder.ResidentMiB:F0} MiB; growth is from the second fifth of the load to the last");
        if (generator.HasExited || embedder.HasExited) throw new InvalidOperationException("A runtime ended during the load.");

        await ScrapeAsync(generator, cancellation);
        var (left, detail) = await new FaultInjection(generator, workload, Seed).RunAsync(options.Faults, cancellation);
        metrics["zombies_after_faults"] = new Metric(left, "requests");
        notes.Add($"{options.Faults} faults: clients that leave while sending, waiting or reading, broken bodies, deadlines of up to 0.3 s, several answers; afterwards {detail}");
        Say(notes[^1]);
    }

    private void Report(LoadStatistics statistics, IReadOnlyDictionary<RequestKind, double> capacity, double aloneTotal, double aloneFirst)
    {
        var (came, admitted) = statistics.Returns();
        var (total, first) = (statistics.Quantile(RequestKind.Chat, 0.95), statistics.Quantile(RequestKind.Chat, 0.95, firstByte: true));
        // Without a refusal there is nobody to come back: then the load was none.
        metrics["retry_after_admitted_share"] = new Metric(came == 0 ? 0 : Math.Round((double)admitted / came, 4), "ratio");
        metrics["interactive_p95_under_batch_ratio"] = new Metric(Math.Round(total / aloneTotal, 2), "ratio", "the same interactive requests alone", Math.Round(aloneTotal, 4), Math.Round(total / aloneTotal, 2));
        notes.Add($"capacity of the mix, every client sending again at once: {Text(capacity)} per second; offered for {options.LoadTime.TotalSeconds:F0} s: twice that, and whoever was refused and came back");
        notes.Add($"answered {statistics.Answered}, refused {statistics.Refused}, came back as told {came}, admitted then {admitted}; neither answered nor told when to come back: {statistics.Failed}");
        notes.Add($"interactive: P95 {total * 1000:F0} ms, first token {first * 1000:F0} ms; alone {aloneTotal * 1000:F0} ms and {aloneFirst * 1000:F0} ms; refused {statistics.Count(RequestKind.Chat, a => a.Status == 503)} of {statistics.Count(RequestKind.Chat, _ => true)}");
        foreach (var kind in (RequestKind[])[RequestKind.Document, RequestKind.Embedding])
        {
            var (back, taken) = statistics.Returns(kind);
            notes.Add($"{kind}: answered {statistics.Count(kind, a => a.Answered)}, refused {statistics.Count(kind, a => a.Status == 503)}, admitted {taken} of {back} that came back, P95 of an admitted one {statistics.Quantile(kind, 0.95):F1} s");
        }

        foreach (var note in notes) Say(note);
    }

    private async Task DrainAsync(string model, CancellationToken cancellation)
    {
        var failed = 0;
        for (var i = 0; i < options.Drains; i++)
        {
            var (streams, code) = await DrainTrial.RunAsync(options, directory, model, workload, cancellation);
            failed += streams + (code == 0 ? 0 : 1);
        }

        metrics["drain_failed_streams"] = new Metric(failed, "streams");
        notes.Add($"{options.Drains} servers were ended by SIGTERM with 16 streams each, half of them waiting; ends with another exit code than 0 count as failed");
        Say($"drains: {failed} failed streams");
    }

    private async Task ColdStartAsync(CancellationToken cancellation)
    {
        var large = Path.Combine(directory, "large");
        RandomLlama.Large.Write(large, options.Tokenizer);
        var seconds = new List<double>();
        MetricsSample? last = null;
        for (var i = 0; i < options.Starts; i++)
        {
            (var taken, last) = await ColdStart.MeasureAsync(options, directory, large, workload, cancellation);
            seconds.Add(taken);
        }

        metrics["first_token_500mb_seconds"] = new Metric(Math.Round(Quantiles.Of(seconds, 0.5), 3), "seconds");
        var phases = (string[])["process", "tokenizer", "weights", "plan", "engine", "warm_up", "total"];
        notes.Add($"first token: median of {seconds.Count} starts of {string.Join(", ", seconds.Select(s => s.ToString("F2", CultureInfo.InvariantCulture)))} s; phases of the last: {string.Join(", ", phases.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p} {last!.Sum("attention_cold_start_seconds", l => l["phase"] == p):F2}")))} s");
        Say(notes[^1]);
    }

    private async Task ScrapeAsync(RuntimeProcess runtime, CancellationToken cancellation)
    {
        var milliseconds = new List<double>();
        var bytes = 0;
        for (var i = 0; i < Scrapes; i++)
        {
            var began = Stopwatch.GetTimestamp();
            bytes = (await runtime.Client.GetByteArrayAsync(new Uri("/metrics", UriKind.Relative), cancellation)).Length;
            if (i >= Scrapes / 3) milliseconds.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        metrics["metrics_scrape_ms"] = new Metric(Math.Round(Quantiles.Of(milliseconds, 0.5), 3), "ms");
        notes.Add($"/metrics after the load: {bytes} bytes, median {Quantiles.Of(milliseconds, 0.5):F2} ms, P95 {Quantiles.Of(milliseconds, 0.95):F2} ms over a loopback connection, client included");
        Say(notes[^1]);
    }

    private static async Task<List<double>[]> WatchAsync(RuntimeProcess[] runtimes, CancellationToken cancellation)
    {
        var samples = runtimes.Select(_ => new List<double>()).ToArray();
        try
        {
            while (true)
            {
                for (var i = 0; i < runtimes.Length; i++) samples[i].Add(runtimes[i].ResidentMiB);
                await Task.Delay(MemoryPoll, cancellation);
            }
        }
        catch (OperationCanceledException)
        {
            return samples;
        }
    }

    /// <summary>From the mean of the second fifth, when queues and buffers have filled, to that of the last.</summary>
    private static double Growth(List<double> samples)
    {
        var fifth = samples.Count / 5;
        return fifth == 0 ? 0 : samples[^fifth..].Average() - samples[fifth..(2 * fifth)].Average();
    }

    private static string Text(IReadOnlyDictionary<RequestKind, double> rates) => string.Join(", ", rates.Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Value:F1} {r.Key}")));

    private void Say(string text) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{Stopwatch.GetElapsedTime(start).TotalSeconds,6:F1} s] {text}"));
}
