using System.CommandLine;
using System.Text.Json;
using AttentionOperator.Api.Serialization;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Api.Validation;
using AttentionOperator.Cli.Fleet;
using AttentionOperator.Cli.Models;
using AttentionOperator.Cli.Views;
using AttentionOperator.Kube.Client;
using YamlDotNet.Core;

namespace AttentionOperator.Cli;

/// <summary>The commands of <c>attn</c>, which is <c>kubectl attention</c> where it is installed under that name.</summary>
internal sealed class CommandLine
{
    private readonly TextWriter output;
    private readonly TextWriter error;
    private readonly Option<string?> ns = new("--namespace", "-n") { Description = "Namespace; that of the kubeconfig where it is left out.", Recursive = true };
    private readonly Option<string?> kubeConfig = new("--kubeconfig") { Description = "Path of a kubeconfig; default: KUBECONFIG, then the user's.", Recursive = true };
    private readonly Option<string?> context = new("--context") { Description = "Context of the kubeconfig.", Recursive = true };

    private CommandLine(TextWriter output, TextWriter error)
    {
        this.output = output;
        this.error = error;
    }

    public static RootCommand Build(TextWriter output, TextWriter error) => new CommandLine(output, error).Root();

    private RootCommand Root() => new("Rollouts of AttentionModels: what they do, why, and what to do about it.")
    {
        ns,
        kubeConfig,
        context,
        Named("history", "List the revisions of a model.", async (client, name, cancellation) =>
        {
            var model = await client.GetAsync(name, cancellation);
            HistoryView.Write(output, model, await client.HistoryAsync(model, cancellation));
        }),
        Diff(),
        Undo(),
        Promote(),
        Action("pause", "Stop a rollout from advancing; a rollback is never stopped."),
        Action("resume", "Let a paused rollout go on."),
        Action("abort", "Give up a rollout: traffic goes back to the stable revision in steps, and the new revision is rejected."),
        Action("retry", "Try a rejected revision again."),
        Named("why", "Print the last decision and the numbers that led to it.", async (client, name, cancellation) => WhyView.Write(output, await client.GetAsync(name, cancellation))),
        Plan(),
        Top(),
    };

    private Command Diff()
    {
        var name = Model();
        var from = new Argument<string?>("from") { Description = "Revision; the stable one where it is left out.", Arity = ArgumentArity.ZeroOrOne };
        var to = new Argument<string?>("to") { Description = "Revision; the spec's where it is left out.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("diff", "Show what differs between two revisions.") { name, from, to };
        command.SetAction((parsed, cancellation) => RunAsync(parsed, async client =>
        {
            var model = await client.GetAsync(parsed.GetValue(name)!, cancellation);
            var history = await client.HistoryAsync(model, cancellation);
            var target = model.Status?.TargetRevision;
            var before = model.Status?.StableRevision == target ? model.Status?.Rollout?.Previous ?? history.LastOrDefault(found => found.Hash != target)?.Hash : model.Status?.StableRevision;
            DiffView.Write(output, Find(history, parsed.GetValue(from) ?? before), Find(history, parsed.GetValue(to) ?? target));
        }));
        return command;
    }

    private Command Undo()
    {
        var name = Model();
        var to = new Option<string?>("--to") { Description = "Revision; the previous one where it is left out." };
        var command = new Command("undo", "Go back to an earlier revision, although the spec stays as it is.") { name, to };
        command.SetAction((parsed, cancellation) => RunAsync(parsed, client =>
            AskAsync(client, parsed.GetValue(name)!, parsed.GetValue(to) is { } revision ? $"undo={revision}" : "undo", cancellation)));
        return command;
    }

    private Command Promote()
    {
        var name = Model();
        var full = new Option<bool>("--full") { Description = "Skip all steps that are left." };
        var command = new Command("promote", "Approve the current step, whatever it waits for; during the bake, end it.") { name, full };
        command.SetAction((parsed, cancellation) => RunAsync(parsed, client =>
            AskAsync(client, parsed.GetValue(name)!, parsed.GetValue(full) ? "promote=full" : "promote", cancellation)));
        return command;
    }

    private Command Plan()
    {
        var file = new Option<FileInfo>("--filename", "-f") { Description = "Manifest of the AttentionModel.", Required = true };
        var rate = new Option<double?>("--rps") { Description = "Expected requests per second, to say how long the evidence takes." };
        var command = new Command("plan", "Say what a rollout will do, its peak of replicas and accelerators and its duration, before it starts.") { file, rate };
        command.SetAction((parsed, cancellation) => GuardAsync(async () =>
        {
            var path = parsed.GetValue(file)!;
            AttentionModel model;
            try
            {
                model = YamlDocuments.Read<AttentionModel>(await File.ReadAllTextAsync(path.FullName, cancellation));
            }
            catch (Exception e) when (e is YamlException or JsonException or IOException or InvalidOperationException or InvalidCastException)
            {
                throw new CommandException($"{path}: {e.Message}");
            }

            var errors = AttentionModelValidator.Validate(model, new ValidationOptions { HostPaths = ["/"] });
            if (errors.Count > 0)
            {
                throw new CommandException($"{path}: {string.Join("; ", errors)}");
            }

            PlanView.Write(output, model, parsed.GetValue(rate));
        }));
        return command;
    }

    private Command Top()
    {
        var all = new Option<bool>("--all-namespaces", "-A") { Description = "List the models of all namespaces." };
        var urls = new Option<Uri[]>("--metrics-url") { Description = "Address of a gateway's /metrics; several for several replicas. Default: all gateway pods, through the API server.", DefaultValueFactory = _ => [] };
        var window = new Option<double>("--window") { Description = "Seconds over which burn and cost per token are measured; 0 asks once.", DefaultValueFactory = _ => 2 };
        var command = new Command("top", "List models with what their rollouts do, what they use, how their error budget burns and what they cost.") { all, urls, window };
        command.SetAction((parsed, cancellation) => ConnectAsync(parsed, async (connection, client) =>
        {
            using var fleet = new FleetClient(connection, client, parsed.GetValue(urls) ?? []);
            var policies = await fleet.PoliciesAsync(parsed.GetValue(all), cancellation);
            var before = await fleet.SampleAsync(cancellation);
            var after = before;
            if (before is not null && parsed.GetValue(window) is > 0 and var seconds)
            {
                await Task.Delay(TimeSpan.FromSeconds(seconds), cancellation);
                after = await fleet.SampleAsync(cancellation);
            }

            TopView.Write(output, FleetReport.Of(await client.ListAsync(parsed.GetValue(all), cancellation), policies, before, after), parsed.GetValue(all));
        }));
        return command;
    }

    private Command Action(string verb, string description) =>
        Named(verb, description, (client, name, cancellation) => AskAsync(client, name, verb, cancellation));

    private Command Named(string verb, string description, Func<ModelClient, string, CancellationToken, Task> act)
    {
        var name = Model();
        var command = new Command(verb, description) { name };
        command.SetAction((parsed, cancellation) => RunAsync(parsed, client => act(client, parsed.GetValue(name)!, cancellation)));
        return command;
    }

    private async Task AskAsync(ModelClient client, string name, string action, CancellationToken cancellation)
    {
        await client.AskAsync(name, action, cancellation);
        output.WriteLine($"attentionmodel/{name}: asked for {action}; `kubectl attention why {name}` shows what came of it");
    }

    private Task<int> RunAsync(ParseResult parsed, Func<ModelClient, Task> act) => ConnectAsync(parsed, (_, client) => act(client));

    private Task<int> ConnectAsync(ParseResult parsed, Func<KubeConnection, ModelClient, Task> act) => GuardAsync(async () =>
    {
        var connection = KubeConnection.Create(new KubeConnectionOptions { KubeConfig = parsed.GetValue(kubeConfig), Context = parsed.GetValue(context), UserAgent = "kubectl-attention" });
        using var client = new ModelClient(connection, parsed.GetValue(ns));
        await act(connection, client);
    });

    private async Task<int> GuardAsync(Func<Task> act)
    {
        try
        {
            await act();
            return 0;
        }
        catch (Exception e) when (e is CommandException or KubeApiException or HttpRequestException or k8s.Exceptions.KubeConfigException)
        {
            error.WriteLine($"error: {e.Message}");
            return 1;
        }
    }

    private static Argument<string> Model() => new("model") { Description = "Name of the AttentionModel." };

    private static RevisionRecord Find(IReadOnlyList<RevisionRecord> history, string? hash) =>
        history.FirstOrDefault(revision => revision.Hash == hash)
        ?? throw new CommandException(hash is null ? "there is no earlier revision" : $"there is no revision {hash}; known are {string.Join(", ", history.Select(revision => revision.Hash))}");
}
