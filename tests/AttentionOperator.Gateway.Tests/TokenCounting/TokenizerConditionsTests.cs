using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Serialization;
using AttentionOperator.Gateway.TokenCounting;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Sandbox.Api;
using Microsoft.Extensions.Logging.Abstractions;

namespace AttentionOperator.Gateway.Tests.TokenCounting;

public sealed class TokenizerConditionsTests
{
    private static readonly ResourceKind Crds = new("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false);
    private static readonly ResourceKind Models = new(ApiNames.Group, ApiNames.Version, ApiNames.Plural, ApiNames.Kind);
    private static readonly ObjectKey Chat = new("default", "chat");

    [Fact]
    public async Task AMismatch_IsACondition_BesideTheOperators_AndEndsWhenTheyAgree()
    {
        var kubeConfig = Path.GetTempFileName();
        await using var server = await SandboxApiServer.StartAsync();
        await File.WriteAllTextAsync(kubeConfig, server.KubeConfig);
        using var connection = KubeConnection.Create(new KubeConnectionOptions { KubeConfig = kubeConfig, QueriesPerSecond = 0 });
        var api = new KubeApi(connection, "test");
        await api.CreateAsync(Crds, "", JsonSerializer.SerializeToUtf8Bytes(YamlDocuments.Parse(await File.ReadAllTextAsync(CrdPath()))[0]), default);
        var model = JsonNode.Parse($$$$"""{"apiVersion":"{{{{ApiNames.ApiVersion}}}}","kind":"{{{{ApiNames.Kind}}}}","metadata":{"name":"chat","namespace":"default"},"spec":{"task":"Generate","model":{"uri":"pvc://models/chat"}}}""")!;
        await api.CreateAsync(Models, "default", JsonSerializer.SerializeToUtf8Bytes(model), default);
        var operators = JsonNode.Parse($$$$"""{"apiVersion":"{{{{ApiNames.ApiVersion}}}}","kind":"{{{{ApiNames.Kind}}}}","metadata":{"name":"chat","namespace":"default"},"status":{"conditions":[{"type":"Ready","status":"True","reason":"Serving","message":"","lastTransitionTime":"2026-11-26T00:00:00Z"}]}}""")!;
        await api.ApplyAsync(Models, Chat, JsonSerializer.SerializeToUtf8Bytes(operators), "attention-operator", force: true, "status", default);

        using var conditions = new TokenizerConditions(api, _ => null, TimeProvider.System, NullLogger<TokenizerConditions>.Instance);
        await conditions.StartAsync(default);
        conditions.Report(Chat, "Revision a uses another tokenizer.");
        var mismatch = await UntilAsync(api, c => c.Any(x => x.Reason == "TokenizerMismatch"));
        Assert.Equal([("Ready", "True", "Serving"), (TokenizerConditions.Type, "False", "TokenizerMismatch")], mismatch.Order());
        // What the operator applies next leaves it alone.
        await api.ApplyAsync(Models, Chat, JsonSerializer.SerializeToUtf8Bytes(operators), "attention-operator", force: true, "status", default);
        Assert.Equal(2, (await ReadAsync(api)).Count);
        conditions.Report(Chat, null);
        await UntilAsync(api, c => c.Contains((TokenizerConditions.Type, "True", "TokenizersAgree")));
        await conditions.StopAsync(default);
        File.Delete(kubeConfig);
    }

    private static async Task<List<(string Type, string Status, string Reason)>> UntilAsync(KubeApi api, Func<List<(string Type, string Status, string Reason)>, bool> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            if (await ReadAsync(api) is var conditions && holds(conditions)) return conditions;
            await Task.Delay(20, limit.Token);
        }
    }

    private static async Task<List<(string Type, string Status, string Reason)>> ReadAsync(KubeApi api)
    {
        using var document = (await api.GetAsync(Models, Chat, default))!.Parse();
        return [.. document.RootElement.GetProperty("status").GetProperty("conditions").EnumerateArray().Select(c => (c.GetProperty("type").GetString()!, c.GetProperty("status").GetString()!, c.GetProperty("reason").GetString()!))];
    }

    private static string CrdPath([CallerFilePath] string file = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", "..", "crds", "attentionmodels.attentionoperator.io.yaml"));
}
