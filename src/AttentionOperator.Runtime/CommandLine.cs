using System.CommandLine;
using AttentionOperator.Api.Naming;
using AttentionOperator.Runtime.Fetch;
using AttentionOperator.Runtime.Startup;

namespace AttentionOperator.Runtime;

/// <summary>Commands and options of <c>attention-runtime</c>.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Serves one transformer model over an OpenAI-compatible API.") { Serve(), Fetch() };
        var parsed = root.Parse(args);
        // The commands handle signals themselves: the library would end the process two seconds after SIGTERM, in the middle of a drain.
        var code = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
        return parsed.Errors.Count > 0 ? ExitCodes.Usage : code;
    }

    private static Command Serve()
    {
        var config = new Option<string>("--config") { Description = "Path of runtime.json.", DefaultValueFactory = _ => RuntimeLayout.ConfigPath };
        var model = new Option<string>("--model") { Description = "Directory of the model, as published.", Required = true };
        var tokenizer = new Option<string?>("--tokenizer") { Description = "Directory of the tokenizer; default: the model's." };
        var listen = new Option<string?>("--listen") { Description = $"Address and port; default: POD_IP where that is a loopback address, else any address, port {PortNames.Runtime}." };
        var device = new Option<DeviceChoice>("--device") { Description = "Where to compute.", DefaultValueFactory = _ => DeviceChoice.Auto };
        var command = new Command("serve", "Serves a model until SIGTERM.") { config, model, tokenizer, listen, device };
        command.SetAction((result, _) => new ServeCommand(
            new ServeArguments(result.GetValue(config)!, result.GetValue(model)!, result.GetValue(tokenizer), result.GetValue(listen), result.GetValue(device)),
            TimeProvider.System).RunAsync());
        return command;
    }

    private static Command Fetch()
    {
        var uri = new Option<string>("--uri") { Description = "file://, https:// (a directory with SHA256SUMS), s3:// or hf://org/model@revision.", Required = true };
        var cache = new Option<string>("--cache") { Description = "Directory of the cache.", Required = true };
        var digest = new Option<string?>("--digest") { Description = "Artifact digest that it must have, sha256:…" };
        var maxSize = new Option<string?>("--max-size") { Description = "Evict what was not used longest beyond this size, for example 100Gi." };
        var link = new Option<string?>("--link") { Description = "Point this symbolic link at the fetched directory." };
        var listen = new Option<string?>("--listen") { Description = "Answer GET /fetch with the progress at this address and port; without a value, where serve would listen.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("fetch", "Brings a model into a content-addressed cache and prints its directory.") { uri, cache, digest, maxSize, link, listen };
        command.SetAction((result, _) => new FetchCommand(
            result.GetValue(uri)!, result.GetValue(cache)!, result.GetValue(digest), result.GetValue(maxSize), result.GetValue(link),
            result.GetResult(listen) is null ? null : result.GetValue(listen) ?? "", TimeProvider.System).RunAsync());
        return command;
    }
}
