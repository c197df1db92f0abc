using System.Globalization;
using AttentionOperator.Api.Serialization;
using AttentionOperator.Bench.Results;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.OperatorBench;

/// <summary>Builds a cluster of many models, then starts a fresh operator on it and measures.</summary>
internal sealed class OperatorBenchmark(BenchmarkOptions options) : IAsyncDisposable
{
    private const string ChurnMetric = "churn_30m_rss_growth_mb";
    private const int Nodes = 10;
    private const int LeastTouches = 3000;
    private const int PopulatingWorkers = 16;
    private const int DefaultWorkers = 4;
    private static readonly TimeSpan DrainPoll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(10);
    private static readonly ResourceKind Crds = new("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false);
    private readonly string directory = Directory.CreateTempSubdirectory("operator-bench-").FullName;
    private readonly Dictionary<string, Metric> metrics = [];
    private readonly List<string> notes = [];
    private readonly long start = TimeProvider.System.GetTimestamp();
    private MeasuredProcess? sandbox;
    private OperatorProcess? @operator;

    private string KubeConfig => Path.Combine(directory, "kubeconfig");

    /// <returns>False where the soak grew by more than its limit.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellation)
    {
        await StartSandboxAsync(cancellation);
        using var connection = KubeConnection.Create(new KubeConnectionOptions { KubeConfig = KubeConfig, QueriesPerSecond = 0, UserAgent = "operator-bench" });
        var crd = YamlDocuments.Parse(await File.ReadAllTextAsync(Path.Combine(options.Root, "crds", "attentionmodels.attentionoperator.io.yaml"), cancellation))[0];
        await new KubeApi(connection).CreateAsync(Crds, "", System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(crd), cancellation);
        await using var fleet = new ModelFleet(connection);
        await PopulateAsync(fleet, cancellation);
        await RelistAsync(cancellation);
        if (options.GrowthLimit is null)
        {
            await IdleAsync(cancellation);
            await TouchAsync(fleet, cancellation);
            await EditAsync(fleet, cancellation);
        }

        if (options.ChurnTime > TimeSpan.Zero)
        {
            await ChurnAsync(fleet, cancellation);
        }

        return options.GrowthLimit is { } limit ? EndSoak(limit) : await EndAsync(fleet, cancellation);
    }

    public ValueTask DisposeAsync()
    {
        @operator?.Dispose();
        sandbox?.Dispose();
        Directory.Delete(directory, recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task<bool> EndAsync(ModelFleet fleet, CancellationToken cancellation)
    {
        @operator!.Dispose();
        @operator = null;
        await PassesAsync(fleet, cancellation);
        // Half an hour of churn is a run of its own; its figure stands beside the others with its own count and commit.
        if (options.ChurnTime == TimeSpan.Zero && BenchmarkReport.Read(BenchmarkOptions.Soak, options.Root) is { } soak)
        {
            metrics[ChurnMetric] = soak.Metrics[ChurnMetric];
            notes.Add($"{ChurnMetric} is of {soak.Command} at {soak.Commit}: {string.Join("; ", soak.Notes)}");
        }

        Report("operator");
        return true;
    }

    private bool EndSoak(double limit)
    {
        metrics.Remove("relist_10k_seconds");
        Report(BenchmarkOptions.Soak);
        return metrics[ChurnMetric].Value <= limit;
    }

    private void Report(string name)
    {
        notes.Add($"{options.Count} models with one pod each; pods faked; operator without leader election; API server, controllers and this client on the same machine");
        notes.Add($"the API server's process used {sandbox!.ResidentMiB:F0} MiB and {sandbox.ProcessorTime.TotalSeconds:F0} s of processor time in all");
        var report = BenchmarkReport.Create(name, options.Command, options.Root, metrics, notes);
        report.Write(options.Root);
        Console.WriteLine(report.ToJson());
    }

    private async Task StartSandboxAsync(CancellationToken cancellation)
    {
        var ready = Path.Combine(directory, "ready");
        var nodes = Enumerable.Range(0, Nodes).SelectMany(i => (string[])["--node", $"name=node-{i},cpu=10000,memory=10Ti,pods={(2 * options.Count) + 1000}"]);
        sandbox = new MeasuredProcess(Executable("AttentionOperator.Sandbox", "attention-sandbox"), ["run", "--faked-pods", "--exit-on-stdin-close", "--kubeconfig", KubeConfig, "--ready-file", ready, .. nodes]);
        while (!File.Exists(ready))
        {
            await Task.Delay(DrainPoll, cancellation);
            if (sandbox.HasExited)
            {
                throw new InvalidOperationException("attention-sandbox ended before it was ready.");
            }
        }
    }

    // The first operator makes all children; what is measured is a second one that finds everything as it should be.
    private async Task PopulateAsync(ModelFleet fleet, CancellationToken cancellation)
    {
        @operator = StartOperator(queriesPerSecond: 0, PopulatingWorkers);
        var began = TimeProvider.System.GetTimestamp();
        await fleet.CreateAsync(options.Count, cancellation);
        Say($"{options.Count} models created");
        await fleet.UntilSettledAsync(options.Count, cancellation);
        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        Say($"all models serve; processor seconds: operator {@operator.Process.ProcessorTime.TotalSeconds:F1}, API server {sandbox!.ProcessorTime.TotalSeconds:F1}");
        notes.Add($"from the first model created to the last one Ready: {seconds:F0} s");
        await Task.Delay(Settling, cancellation);
        @operator.Dispose();
    }

    private async Task RelistAsync(CancellationToken cancellation)
    {
        var began = TimeProvider.System.GetTimestamp();
        @operator = StartOperator(queriesPerSecond: 100, DefaultWorkers);
        MetricsSample? last;
        while (true)
        {
            last = await @operator.ReadAsync(cancellation);
            if (last is not null && OperatorProcess.Reconciles(last) >= options.Count && OperatorProcess.Queued(last) == 0)
            {
                break;
            }

            await Task.Delay(DrainPoll, cancellation);
        }

        var wall = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        var buckets = OperatorProcess.ReconcileBuckets(last);
        metrics["relist_10k_seconds"] = new Metric(Math.Round(wall, 2), "seconds");
        notes.Add($"processor time of the relist: {@operator.Process.ProcessorTime.TotalSeconds:F1} s; mean reconcile {OperatorProcess.ReconcileSeconds(last) / OperatorProcess.Reconciles(last) * 1000:F2} ms, P50 {Quantiles.Between([], buckets, 0.5) * 1000:F2} ms, P99 {Quantiles.Between([], buckets, 0.99) * 1000:F2} ms, right after the start");
        Say($"relisted and reconciled in {wall:F1} s; {notes[^1]}");
    }

    private async Task IdleAsync(CancellationToken cancellation)
    {
        await Task.Delay(Settling, cancellation);
        var processor = @operator!.Process.ProcessorTime;
        var began = TimeProvider.System.GetTimestamp();
        await Task.Delay(options.IdleTime, cancellation);
        var used = @operator.Process.ProcessorTime - processor;
        metrics["idle_10k_cores"] = new Metric(Math.Round(used / TimeProvider.System.GetElapsedTime(began), 4), "cores");
        metrics["rss_10k_mb"] = new Metric(Math.Round(@operator.Process.ResidentMiB, 1), "MiB");
        var sample = await SampleAsync(cancellation);
        metrics["noop_api_writes"] = new Metric(OperatorProcess.WriteCalls(sample), "requests");
        notes.Add($"peak resident {@operator.Process.PeakResidentMiB:F0} MiB; {OperatorProcess.Calls(sample)} requests since the start, lists and watches included; {OperatorProcess.ReconcileErrors(sample)} failed reconciles");
        Say(string.Join(", ", metrics.Select(m => $"{m.Key} {m.Value.Value.ToString(CultureInfo.InvariantCulture)}")));
    }

    private async Task TouchAsync(ModelFleet fleet, CancellationToken cancellation)
    {
        var before = await SampleAsync(cancellation);
        var processor = @operator!.Process.ProcessorTime;
        MetricsSample after;
        for (var touched = options.Count; ; touched += options.Count)
        {
            await fleet.TouchAsync(options.Count, cancellation);
            do
            {
                await Task.Delay(DrainPoll, cancellation);
                after = await SampleAsync(cancellation);
            }
            while (OperatorProcess.Reconciles(after) - OperatorProcess.Reconciles(before) < touched);

            if (touched >= LeastTouches)
            {
                break;
            }
        }

        var count = OperatorProcess.Reconciles(after) - OperatorProcess.Reconciles(before);
        var used = (@operator.Process.ProcessorTime - processor).TotalMilliseconds;
        var mean = (OperatorProcess.ReconcileSeconds(after) - OperatorProcess.ReconcileSeconds(before)) / count * 1000;
        var p99 = Quantiles.Between(OperatorProcess.ReconcileBuckets(before), OperatorProcess.ReconcileBuckets(after), 0.99) * 1000;
        notes.Add($"{count} reconciles after an annotation changed on every model: mean {mean:F3} ms, P99 {p99:F2} ms, {used / count:F3} ms of processor time each, watch included; {OperatorProcess.WriteCalls(after) - OperatorProcess.WriteCalls(before)} writes");
        Say(notes[^1]);
    }

    private async Task EditAsync(ModelFleet fleet, CancellationToken cancellation)
    {
        var samples = new List<double>();
        for (var i = 0; i < options.Edits; i++)
        {
            samples.Add((await fleet.EditAsync(i % options.Count, 2 + (i / options.Count % 2), cancellation)).TotalMilliseconds);
        }

        metrics["edit_to_applied_p99_ms"] = new Metric(Math.Round(Quantiles.Of(samples, 0.99), 1), "ms");
        notes.Add($"edit to applied: {samples.Count} edits one after the other, P50 {Quantiles.Of(samples, 0.5):F1} ms");
        Say($"edit to applied P99 {metrics["edit_to_applied_p99_ms"].Value} ms; {notes[^1]}");
        await fleet.UntilSettledAsync(options.Count, cancellation);
    }

    private async Task ChurnAsync(ModelFleet fleet, CancellationToken cancellation)
    {
        var before = @operator!.Process.ResidentMiB;
        var changes = await fleet.ChurnAsync(options.Count, options.ChurnTime, new Random(1), cancellation);
        await Task.Delay(Settling, cancellation);
        metrics[ChurnMetric] = new Metric(Math.Round(@operator.Process.ResidentMiB - before, 1), "MiB");
        notes.Add($"churn: {changes} deletions with re-creation and resizes in {options.ChurnTime.TotalMinutes:F0} minutes");
        Say($"memory grew by {metrics[ChurnMetric].Value} MiB; {notes[^1]}");
    }

    // In this process: beside the client that causes them, the rate of reconciles is that of the API server's writes.
    private async Task PassesAsync(ModelFleet fleet, CancellationToken cancellation)
    {
        await using var passes = new PassBenchmark(KubeConfig, DefaultWorkers);
        await passes.WaitForSyncAsync(cancellation);
        var first = await passes.RunAsync(null, cancellation);
        passes.ForgetPasses();
        var full = await passes.RunAsync(null, cancellation);
        notes.Add($"full passes, in process: right after the start {first}; again {full}");
        Say(notes[^1]);
        var unchanged = await passes.RunAsync(null, cancellation);
        var runs = new List<PassRun>();
        for (var touched = 0; touched < LeastTouches; touched += options.Count)
        {
            runs.Add(await passes.RunAsync(() => fleet.TouchAsync(options.Count, cancellation), cancellation));
        }

        notes.Add($"passes over what did not change at all: {unchanged}; over models of which an annotation changed: {string.Join("; ", runs)}");
        Say(notes[^1]);
        metrics["noop_reconciles_per_second"] = new Metric(Math.Round(runs.Min(run => run.PerSecond)), "reconciles/s");
        metrics["noop_reconcile_p99_ms"] = new Metric(Math.Round(Quantiles.Of([.. runs.SelectMany(run => run.Milliseconds)], 0.99), 3), "ms");
    }

    private async Task<MetricsSample> SampleAsync(CancellationToken cancellation) =>
        await @operator!.ReadAsync(cancellation) ?? throw new InvalidOperationException("The operator does not answer.");

    private OperatorProcess StartOperator(int queriesPerSecond, int workers) => new(Executable("AttentionOperator", "attention-operator"), KubeConfig, queriesPerSecond, workers);

    private string Executable(string project, string name) => Path.Combine(options.Root, "src", project, "bin", options.Configuration, "net10.0", name);

    private void Say(string text) => Console.WriteLine($"[{TimeProvider.System.GetElapsedTime(start).TotalSeconds,6:F1} s] {text}");
}
