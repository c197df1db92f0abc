using System.Globalization;
using AttentionOperator.Bench.Results;
using AttentionOperator.Bench.Rollout;
using AttentionOperator.Bench.Rollout.Live;

var arguments = BenchArguments.Parse(args);
(string Name, double Rate, TimeSpan Duration)[] traffics =
[
    ("1/min", 1.0 / 60, TimeSpan.FromDays(1)),
    ("1/s", 1, TimeSpan.FromHours(1)),
    ("100/s", 100, TimeSpan.FromHours(1)),
    ("1,000/s", 1000, TimeSpan.FromHours(1)),
];
(double Share, int Rollouts)[] effects = [(Simulation.Budget, 10_000), (0.003, 2_000), (0.012, 2_000), (0.03, 2_000), (0.2, 2_000), (1, 2_000)];

var metrics = new Dictionary<string, Metric>(StringComparer.Ordinal);
if (arguments.Repetitions > 0)
{
    // First, while the machine is cool.
    var (seconds, over) = await LiveBench.RunAsync(arguments.Root, arguments.Models, arguments.Repetitions);
    var outcome = Outcome.Of([.. seconds.Select(value => (double?)value)]);
    metrics["rollback_p50_seconds"] = new Metric(outcome.Median!.Value, "seconds", "bound", 5, outcome.Median / 5);
    metrics["rollback_p99_seconds"] = new Metric(outcome.P99!.Value, "seconds", "bound", 10, outcome.P99 / 10);
    metrics["rollback_repetitions"] = new Metric(seconds.Count, "rollbacks");
    metrics["gpu_peak_over_budget"] = new Metric(over, "accelerators", "bound", 0);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seconds.Count} rollbacks: median {outcome.Median:F2} s, P99 {outcome.P99:F2} s, {over} accelerators over budget"));
}

var rows = new List<DetectionRow>();
foreach (var (name, rate, duration) in arguments.Scale > 0 ? traffics : [])
{
    foreach (var (share, rollouts) in effects)
    {
        var scenario = new Scenario(name, rate, duration, share, Math.Max(100, (int)(rollouts * arguments.Scale)));
        var (sequential, flagger, argo) = Simulation.Run(scenario, seed: 1 + (int)(rate * 60) + (int)(share * 1_000_000));
        rows.Add(new DetectionRow(scenario, sequential, flagger, argo));
        Console.WriteLine($"{name} at {share:P1}: {sequential.Share:P2} after {DetectionTable.Seconds(sequential.Median)}; Flagger-like {flagger.Share:P2}; Argo-like {argo.Share:P2}");
        if (share == Simulation.Budget)
        {
            var traffic = name switch { "1/min" => "1rpm", "1/s" => "1rps", "100/s" => "100rps", _ => "1000rps" };
            metrics[$"false_rollback_share_{traffic}"] = new Metric(sequential.Share, "ratio", "Flagger-like threshold", flagger.Share);
        }
        else if (name == "100/s" && share == 0.2)
        {
            metrics["rollback_decision_p50_seconds"] = new Metric(sequential.Median!.Value, "seconds");
            metrics["rollback_decision_p99_seconds"] = new Metric(sequential.P99!.Value, "seconds");
        }
    }
}

if (!arguments.Writes)
{
    return;
}

var report = BenchmarkReport.Create(
    "rollout",
    "make bench-rollout",
    arguments.Root,
    metrics,
    $"rollback_*: real processes, {arguments.Models} models at once at {LiveModel.RequestsPerSecond} requests/s each, canary weight 5 %, 20 % of its answers errors, errors objective 99.9 %; from sending the first request that was answered badly to sending the twentieth in a row that did not reach the canary, which shows weight 0 at the gateway.",
    "gpu_peak_over_budget: accelerators that a model's pods held, ending ones included, above replicas + maxSurge.",
    "The rest is simulated with seeded time: errors 99.9 %, maxBurnRate 3, confidence 0.99, canary weight 5 %; 10,000 rollouts at the budget, 2,000 at every other bad share; threshold rules on the same traces.",
    "rollback_decision_*: from the canary's first traffic to the verdict at 100 requests/s and 20 % errors, with a look every second.");
(report with { Tables = new Dictionary<string, ResultTable>(StringComparer.Ordinal) { ["detection_power"] = DetectionTable.Data(rows) } }).Write(arguments.Root);
WriteTable(Path.Combine(arguments.Root, "docs", "rollouts.md"), DetectionTable.Markdown(rows));
File.WriteAllText(Path.Combine(arguments.Root, "docs", "rollout-detection.svg"), DetectionPlot.Draw(rows));

static void WriteTable(string path, string table)
{
    const string Begin = "<!-- bench-rollout: begin -->\n";
    const string End = "<!-- bench-rollout: end -->";
    var text = File.ReadAllText(path);
    var from = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
    var to = text.IndexOf(End, from, StringComparison.Ordinal);
    File.WriteAllText(path, text[..from] + table + text[to..]);
}
