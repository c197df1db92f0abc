using System.CommandLine;
using AttentionOperator.Bench.Results;
using AttentionOperator.ScalingBench;

var root = new Option<string>("--root") { Description = "The checkout.", DefaultValueFactory = _ => Directory.GetCurrentDirectory() };
var configuration = new Option<string>("--configuration") { Description = "Build configuration of the processes.", DefaultValueFactory = _ => "Release" };
var command = new RootCommand("Measures scaling with real runtimes on the Sandbox: a step of load in both modes, from zero, an evicted node.") { root, configuration };
command.SetAction(async (parsed, cancellation) =>
{
    var checkout = Path.GetFullPath(parsed.GetValue(root)!);
    await using var cluster = await ScalingCluster.StartAsync(checkout, parsed.GetValue(configuration)!, cancellation);
    var metrics = new Dictionary<string, Metric>();
    var notes = new List<string>();
    var scenarios = new Scenarios(cluster, metrics, notes);
    var failed = await scenarios.StepAsync("hpa", cancellation) + await scenarios.StepAsync("operator", cancellation);
    metrics["failed_requests_step"] = new Metric(failed, "requests");
    await scenarios.FromZeroAsync(cancellation);
    await scenarios.EvictionAsync(cancellation);
    notes.Add("austen-v1 (2 million parameters) on the CPU; operator, gateway, runtimes, API server and clients share the machine");
    var report = BenchmarkReport.Create("scaling", "make bench-scaling", checkout, metrics, notes);
    report.Write(checkout);
    Console.WriteLine(report.ToJson());
    return 0;
});
return await command.Parse(args).InvokeAsync();
