using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Revisions;
using AttentionOperator.Api.Serialization;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Observation;
using k8s.Models;

namespace AttentionOperator.Tests.OverHttp;

public sealed class UpgradeTests
{
    private static readonly ResourceKind Definitions = new("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false);
    private static readonly ObjectKey Chat = new("default", "chat");

    /// <summary>The next operator, which brings another default image, takes the lease over from the running one; then the former comes back.</summary>
    [Fact]
    public async Task An_upgrade_and_its_rollback_hand_over_the_lease_restart_no_pod_and_lose_no_status()
    {
        await using var cluster = await Cluster.StartAsync();
        var (old, _) = await cluster.StartOperatorAsync("old", leaderElection: true, runtimeImage: "attention-runtime:1");
        await cluster.CreateModelAsync("chat", "{model: {uri: 'pvc://models/v1'}}");
        var child = ChildNames.Revision("chat", RevisionHash.Compute(new() { Model = new() { Uri = "pvc://models/v1" } }));
        await cluster.MakeReadyAsync(child);
        await cluster.UntilConditionAsync("chat", "Reconciling", "False", "Settled");
        var (deployment, status) = await StateAsync(cluster, child);

        var (next, takenOver) = await cluster.StartOperatorAsync("new", leaderElection: true, runtimeImage: "attention-runtime:2");
        await old.StopAsync();
        await ScaleAsync(cluster, child, 2, takenOver);
        Assert.True(JsonNode.DeepEquals(deployment["spec"]!["template"], (await StateAsync(cluster, child)).Deployment["spec"]!["template"]), "the upgrade changed the pods");

        var (_, back) = await cluster.StartOperatorAsync("old-again", leaderElection: true, runtimeImage: "attention-runtime:1");
        await next.StopAsync();
        await ScaleAsync(cluster, child, 1, back);
        await cluster.MakeReadyAsync(child);
        await cluster.UntilConditionAsync("chat", "Reconciling", "False", "Settled");
        var (after, statusAfter) = await StateAsync(cluster, child);
        Assert.True(JsonNode.DeepEquals(deployment["spec"]!["template"], after["spec"]!["template"]), "the rollback changed the pods");
        foreach (var field in (string[])["stableRevision", "targetRevision", "traffic"])
        {
            Assert.Equal(status[field]!.ToJsonString(), statusAfter[field]!.ToJsonString());
        }

        Assert.Equal("1", (await cluster.Api.GetAsync(ResourceKinds.ControllerRevision, new ObjectKey("default", child), default))!.Parse().RootElement.GetProperty("revision").ToString());
        Assert.Equal([child], cluster.Names(ResourceKinds.Deployment));
    }

    [Fact]
    public async Task Models_stored_under_a_former_definition_are_kept_whole_and_can_still_be_written()
    {
        foreach (var release in Directory.GetDirectories(Releases()))
        {
            await using var cluster = await Cluster.StartAsync();
            var current = (await cluster.Api.GetAsync(Definitions, ObjectKey.Cluster(ApiNames.CrdName), default))!;
            await ReplaceDefinitionAsync(cluster, YamlDocuments.Parse(await File.ReadAllTextAsync(Path.Combine(release, ApiNames.CrdName + ".yaml")))[0]);
            Dictionary<string, string> stored = [];
            foreach (var model in YamlDocuments.Parse(await File.ReadAllTextAsync(Path.Combine(release, "models.yaml"))))
            {
                var name = (string)model["metadata"]!["name"]!;
                stored[name] = Spec(await cluster.Api.CreateAsync(ResourceKinds.Model, "default", JsonSerializer.SerializeToUtf8Bytes(model), default)).ToJsonString();
            }

            await ReplaceDefinitionAsync(cluster, JsonNode.Parse(current.Json.Span)!);
            foreach (var (name, before) in stored)
            {
                var live = (await cluster.Api.GetAsync(ResourceKinds.Model, new ObjectKey("default", name), default))!;
                AssertKept(JsonNode.Parse(before)!, Spec(live), $"{Path.GetFileName(release)}/{name}");
                var written = await cluster.Api.ReplaceAsync(ResourceKinds.Model, live.Key, live.Json, null, default);
                AssertKept(JsonNode.Parse(before)!, Spec(written), $"{Path.GetFileName(release)}/{name}");
            }
        }
    }

    private static async Task ReplaceDefinitionAsync(Cluster cluster, JsonNode definition)
    {
        var live = JsonNode.Parse((await cluster.Api.GetAsync(Definitions, ObjectKey.Cluster(ApiNames.CrdName), default))!.Json.Span)!;
        live["spec"] = definition["spec"]!.DeepClone();
        await cluster.Api.ReplaceAsync(Definitions, ObjectKey.Cluster(ApiNames.CrdName), JsonSerializer.SerializeToUtf8Bytes(live), null, default);
    }

    /// <summary>Everything that was stored is there; what is new has got a default.</summary>
    private static void AssertKept(JsonNode before, JsonNode after, string path)
    {
        if (before is not JsonObject members)
        {
            Assert.True(JsonNode.DeepEquals(before, after), $"{path}: {before.ToJsonString()} became {after.ToJsonString()}");
            return;
        }

        foreach (var (name, value) in members)
        {
            Assert.True(after[name] is not null, $"{path}.{name} is gone");
            AssertKept(value!, after[name]!, $"{path}.{name}");
        }
    }

    private static async Task ScaleAsync(Cluster cluster, string child, int replicas, RecordedCalls by)
    {
        await cluster.PatchAsync(ResourceKinds.Model, "chat", $"spec: {{replicas: {replicas}}}");
        await cluster.UntilAsync(() => cluster.Get<V1Deployment>(ResourceKinds.Deployment, child) is { } found && found.Spec.Replicas == replicas ? found : null);
        Assert.NotEmpty(by.Writes);
    }

    private static async Task<(JsonNode Deployment, JsonNode Status)> StateAsync(Cluster cluster, string child) =>
        (JsonNode.Parse((await cluster.Api.GetAsync(ResourceKinds.Deployment, new ObjectKey("default", child), default))!.Json.Span)!,
         JsonNode.Parse((await cluster.Api.GetAsync(ResourceKinds.Model, Chat, default))!.Json.Span)!["status"]!);

    private static JsonNode Spec(KubeObject model) => JsonNode.Parse(model.Json.Span)!["spec"]!;

    private static string Releases([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", "..", "testassets", "releases"));
}
