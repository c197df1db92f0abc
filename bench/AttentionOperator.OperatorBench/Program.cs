using System.CommandLine;
using AttentionOperator.OperatorBench;

var count = new Option<int>("--count") { Description = "AttentionModels.", DefaultValueFactory = _ => 10_000 };
var edits = new Option<int>("--edits") { Description = "Edits whose way to the Deployment is timed.", DefaultValueFactory = _ => 300 };
var idle = new Option<int>("--idle-seconds") { Description = "Length of the idle phase.", DefaultValueFactory = _ => 30 };
var churn = new Option<double>("--churn-minutes") { Description = "Length of the churn soak; 0 leaves it out.", DefaultValueFactory = _ => 0 };
var limit = new Option<double?>("--growth-limit-mb") { Description = "Only the churn soak; fail where the operator's memory grows by more." };
var root = new Option<string>("--root") { Description = "The checkout.", DefaultValueFactory = _ => Directory.GetCurrentDirectory() };
var configuration = new Option<string>("--configuration") { Description = "Build configuration of the processes.", DefaultValueFactory = _ => "Release" };
var command = new RootCommand("Measures the operator with many AttentionModels on the Sandbox's API.") { count, edits, idle, churn, limit, root, configuration };
command.SetAction(async (parsed, cancellation) =>
{
    var options = new BenchmarkOptions(
        parsed.GetValue(count),
        parsed.GetValue(edits),
        TimeSpan.FromSeconds(parsed.GetValue(idle)),
        TimeSpan.FromMinutes(parsed.GetValue(churn)),
        parsed.GetValue(limit),
        Path.GetFullPath(parsed.GetValue(root)!),
        parsed.GetValue(configuration)!);
    await using var benchmark = new OperatorBenchmark(options);
    return await benchmark.RunAsync(cancellation) ? 0 : 1;
});
return await command.Parse(args).InvokeAsync();
