using System.CommandLine;
using AttentionOperator.Quickstart;

var root = new Option<DirectoryInfo>("--root") { Description = "Root of the checkout", DefaultValueFactory = _ => new DirectoryInfo(Environment.CurrentDirectory) };
var configuration = new Option<string>("--configuration") { Description = "Build configuration", DefaultValueFactory = _ => "Release" };
var unattended = new Option<bool>("--unattended") { Description = "Tell the story and exit" };
var measure = new Option<bool>("--measure") { Description = "Measure on the way and write bench/results/skeleton.json" };
var command = new RootCommand("Runs the whole product on this machine: Sandbox, operator, gateway, sample models") { root, configuration, unattended, measure };
command.SetAction(async (arguments, cancellation) =>
{
    try
    {
        var paths = new QuickstartPaths(arguments.GetRequiredValue(root).FullName, arguments.GetRequiredValue(configuration));
        await new Story(paths, Console.Out).RunAsync(arguments.GetValue(unattended), arguments.GetValue(measure), cancellation);
        return 0;
    }
    catch (QuickstartException e)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return 1;
    }
    catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
    {
        return arguments.GetValue(unattended) ? 130 : 0;
    }
});
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(2) });
