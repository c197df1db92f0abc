using System.CommandLine;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Runtime.Evaluation;
using AttentionOperator.Runtime.Fetch;
using AttentionOperator.Runtime.Startup;

namespace AttentionOperator.Runtime;

/// <summary>Commands and options of <c>attention-runtime</c>.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Serves one transformer model over an OpenAI-compatible API.") { Serve(), Fetch(), Evaluate() };
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

    private static Command Evaluate()
    {
        var name = new Option<string>("--name") { Description = "Name of the model, as requests name it.", Required = true };
        var task = new Option<ModelTask>("--task") { Description = "What the model is for.", DefaultValueFactory = _ => ModelTask.Generate };
        var metric = new Option<EvaluationMetric>("--metric") { Description = "How answers are scored.", DefaultValueFactory = _ => EvaluationMetric.ExactMatch };
        var canary = new Option<string>("--canary") { Description = "Base URL of the revision in question.", Required = true };
        var stable = new Option<string?>("--stable") { Description = "Base URL of the revision that it is compared with." };
        var golden = new Option<string?>("--golden") { Description = "File of JSON lines {\"prompt\",\"expected\"}." };
        var cases = new Option<string?>("--cases") { Description = "The cases themselves, as a JSON array." };
        var maxTokens = new Option<int>("--max-tokens") { Description = "Tokens that an answer may have.", DefaultValueFactory = _ => 32 };
        foreach (var address in (Option[])[canary, stable])
        {
            address.Validators.Add(result =>
            {
                if (result.Tokens.Count > 0 && !(Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
                {
                    result.AddError($"{address.Name} '{result.Tokens[0].Value}' is no http or https address");
                }
            });
        }

        var command = new Command("evaluate", "Runs a golden set against a revision and leaves the scores as termination message.") { name, task, metric, canary, stable, golden, cases, maxTokens };
        command.SetAction((result, _) => new EvaluateCommand(
            new EvaluateArguments
            {
                Name = result.GetValue(name)!,
                Task = result.GetValue(task),
                Metric = result.GetValue(metric),
                Canary = new Uri(result.GetValue(canary)!),
                Stable = result.GetValue(stable) is { } other ? new Uri(other) : null,
                Golden = result.GetValue(golden),
                Cases = result.GetValue(cases),
                MaxTokens = result.GetValue(maxTokens),
            },
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
