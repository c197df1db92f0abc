using System.CommandLine;
using AttentionOperator.GatewayBench;
using AttentionOperator.GatewayBench.Runtimes;

if (args is [MockProcess.Verb, ..])
{
    return await MockProcess.ServeAsync(args[1..]);
}

var root = new Option<string>("--root") { Description = "The checkout.", DefaultValueFactory = _ => Directory.GetCurrentDirectory() };
var configuration = new Option<string>("--configuration") { Description = "Build configuration of the processes.", DefaultValueFactory = _ => "Release" };
var peers = new Option<string?>("--peers") { Description = "Directory with haproxy, nginx and wrk unpacked; default: those on the PATH." };
var only = new Option<string[]>("--only") { Description = "Run these phases and write no results.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };
var command = new RootCommand("Measures the gateway with everything on, beside plain proxies, over mock runtimes.") { root, configuration, peers, only };
command.SetAction(async (parsed, cancellation) =>
{
    var options = new BenchmarkOptions(Path.GetFullPath(parsed.GetValue(root)!), parsed.GetValue(configuration)!, parsed.GetValue(peers), parsed.GetValue(only)!);
    await GatewayBenchmark.RunAsync(options, cancellation);
    return 0;
});
return await command.Parse(args).InvokeAsync();
