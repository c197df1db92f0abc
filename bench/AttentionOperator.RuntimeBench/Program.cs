using System.CommandLine;
using AttentionOperator.RuntimeBench;

var seconds = new Option<double>("--load-seconds") { Description = "Length of the overload.", DefaultValueFactory = _ => 600 };
var calibration = new Option<double>("--calibration-seconds") { Description = "Length of each measurement before it.", DefaultValueFactory = _ => 30 };
var starts = new Option<int>("--starts") { Description = "Starts with the 500 MB model.", DefaultValueFactory = _ => 5 };
var drains = new Option<int>("--drains") { Description = "Servers that are drained.", DefaultValueFactory = _ => 3 };
var faults = new Option<int>("--faults") { Description = "Clients that misbehave.", DefaultValueFactory = _ => 300 };
var root = new Option<string>("--root") { Description = "The checkout.", DefaultValueFactory = _ => Directory.GetCurrentDirectory() };
var configuration = new Option<string>("--configuration") { Description = "Build configuration of the runtime.", DefaultValueFactory = _ => "Release" };
var command = new RootCommand("Measures the runtime's server: overload, faults, drains, starts, metrics.") { seconds, calibration, starts, drains, faults, root, configuration };
command.SetAction(async (parsed, cancellation) =>
{
    var options = new BenchmarkOptions(
        TimeSpan.FromSeconds(parsed.GetValue(seconds)),
        TimeSpan.FromSeconds(parsed.GetValue(calibration)),
        parsed.GetValue(starts),
        parsed.GetValue(drains),
        parsed.GetValue(faults),
        Path.GetFullPath(parsed.GetValue(root)!),
        parsed.GetValue(configuration)!);
    using var benchmark = new RuntimeBenchmark(options);
    await benchmark.RunAsync(cancellation);
    return 0;
});
return await command.Parse(args).InvokeAsync();
