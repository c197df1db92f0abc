using System.Globalization;
using System.Text;
using AttentionOperator.Bench.Results;
using AttentionOperator.Bench.Rollout;

var root = args.Length > 0 ? args[0] : Directory.GetCurrentDirectory();
var scale = args.Length > 1 ? double.Parse(args[1], CultureInfo.InvariantCulture) : 1;
(string Name, double Rate, TimeSpan Duration)[] traffics =
[
    ("1/min", 1.0 / 60, TimeSpan.FromDays(1)),
    ("1/s", 1, TimeSpan.FromHours(1)),
    ("100/s", 100, TimeSpan.FromHours(1)),
    ("1,000/s", 1000, TimeSpan.FromHours(1)),
];
(double Share, int Rollouts)[] effects = [(Simulation.Budget, 10_000), (0.003, 2_000), (0.012, 2_000), (0.03, 2_000), (0.2, 2_000), (1, 2_000)];

var metrics = new Dictionary<string, Metric>(StringComparer.Ordinal);
var table = new StringBuilder()
    .Append("| traffic | true bad share | sequential test: rolled back | median | P99 | Flagger-like | median | Argo-like | median |\n")
    .Append("| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
foreach (var (name, rate, duration) in traffics)
{
    foreach (var (share, rollouts) in effects)
    {
        var scenario = new Scenario(name, rate, duration, share, Math.Max(100, (int)(rollouts * scale)));
        var (sequential, flagger, argo) = Simulation.Run(scenario, seed: 1 + (int)(rate * 60) + (int)(share * 1_000_000));
        table.Append(CultureInfo.InvariantCulture, $"| {name} | {share:P1} | {sequential.Share:P2} | {Seconds(sequential.Median)} | {Seconds(sequential.P99)} | {flagger.Share:P2} | {Seconds(flagger.Median)} | {argo.Share:P2} | {Seconds(argo.Median)} |\n");
        Console.WriteLine($"{name} at {share:P1}: {sequential.Share:P2} after {Seconds(sequential.Median)}; Flagger-like {flagger.Share:P2}; Argo-like {argo.Share:P2}");
        Collect(name, share, sequential, flagger);
    }
}

BenchmarkReport.Create(
    "rollout",
    "make bench-rollout",
    root,
    metrics,
    "Simulated with seeded time: errors 99.9 %, maxBurnRate 3, confidence 0.99, canary weight 5 %; 10,000 rollouts at the budget, 2,000 at every other bad share; peer: Flagger-like threshold rule on the same traces.",
    "rollback_decision_*: from the canary's first traffic to the verdict at 100 requests/s and 20 % errors, with a look every second; the way through gateways and API server comes on top.").Write(root);
WriteTable(Path.Combine(root, "docs", "rollouts.md"), table.ToString());

static string Seconds(double? value) => value is { } seconds
    ? seconds < 600 ? seconds.ToString("F0", CultureInfo.InvariantCulture) + " s" : (seconds / 60).ToString("F0", CultureInfo.InvariantCulture) + " min"
    : "–";

void Collect(string name, double share, Outcome sequential, Outcome flagger)
{
    var traffic = name switch { "1/min" => "1rpm", "1/s" => "1rps", "100/s" => "100rps", _ => "1000rps" };
    if (share == Simulation.Budget)
    {
        metrics[$"false_rollback_share_{traffic}"] = new Metric(sequential.Share, "ratio", "Flagger-like threshold", flagger.Share);
        return;
    }

    var percent = (share * 100).ToString("0.#", CultureInfo.InvariantCulture).Replace('.', '_');
    metrics[$"detection_power_{traffic}_{percent}pct"] = new Metric(sequential.Share, "ratio", "Flagger-like threshold", flagger.Share);
    if (sequential.Median is { } median)
    {
        metrics[$"detection_delay_p50_{traffic}_{percent}pct"] = new Metric(median, "seconds", "Flagger-like threshold", flagger.Median, flagger.Median is { } other ? median / other : null);
    }

    if (traffic == "100rps" && share == 0.2)
    {
        metrics["rollback_decision_p50_seconds"] = new Metric(sequential.Median!.Value, "seconds");
        metrics["rollback_decision_p99_seconds"] = new Metric(sequential.P99!.Value, "seconds");
    }
}

static void WriteTable(string path, string table)
{
    const string Begin = "<!-- bench-rollout: begin -->\n";
    const string End = "<!-- bench-rollout: end -->";
    var text = File.ReadAllText(path);
    var from = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
    var to = text.IndexOf(End, from, StringComparison.Ordinal);
    File.WriteAllText(path, text[..from] + table + text[to..]);
}
