using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Revisions;
using AttentionOperator.Api.Serialization;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Observation;

namespace AttentionOperator.Tests.OverHttp;

/// <summary>What Argo CD and Flux do all day: apply the same manifest again, with a field manager of their own, and read the conditions.</summary>
public sealed class GitOpsTests
{
    private const string Manifest = "{apiVersion: attentionoperator.io/v1alpha1, kind: AttentionModel, metadata: {name: chat, labels: {argocd.argoproj.io/instance: models}}, spec: {model: {uri: 'pvc://models/v1'}, traffic: {aliases: [gpt]}}}";
    private static readonly ObjectKey Chat = new("default", "chat");

    [Fact]
    public async Task Applying_the_same_again_and_again_changes_nothing_and_nobody_fights()
    {
        await using var cluster = await Cluster.StartAsync();
        var (_, calls) = await cluster.StartOperatorAsync();
        await ApplyAsync(cluster, "argocd-controller");
        await cluster.MakeReadyAsync(ChildNames.Revision("chat", RevisionHash.Compute(new() { Model = new() { Uri = "pvc://models/v1" } })));
        await cluster.UntilConditionAsync("chat", "Reconciling", "False", "Settled");
        var settled = await ReadAsync(cluster);
        var writes = calls.Writes.Count(call => !call.Contains("/events", StringComparison.Ordinal));

        for (var round = 0; round < 30; round++)
        {
            await ApplyAsync(cluster, round % 2 == 0 ? "argocd-controller" : "kustomize-controller");
        }

        // Two managers own the fields now, which the object's version shows once; afterwards nothing moves it any more.
        var version = (string)(await ReadAsync(cluster))["metadata"]!["resourceVersion"]!;
        await ApplyAsync(cluster, "argocd-controller");
        await ApplyAsync(cluster, "kustomize-controller");
        var after = await ReadAsync(cluster);
        Assert.Equal(version, (string)after["metadata"]!["resourceVersion"]!);
        Assert.Equal((int)settled["metadata"]!["generation"]!, (int)after["metadata"]!["generation"]!);
        Assert.Equal(settled["status"]!.ToJsonString(), after["status"]!.ToJsonString());
        Assert.Equal(writes, calls.Writes.Count(call => !call.Contains("/events", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_operator_owns_nothing_of_the_spec()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.StartOperatorAsync();
        await ApplyAsync(cluster, "argocd-controller");
        await cluster.MakeReadyAsync(ChildNames.Revision("chat", RevisionHash.Compute(new() { Model = new() { Uri = "pvc://models/v1" } })));
        await cluster.UntilConditionAsync("chat", "Reconciling", "False", "Settled");
        using var response = await cluster.Api.Connection.SendAsync(HttpMethod.Get, ResourceKinds.Model.ObjectPath(Chat), null, default);
        var managers = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["metadata"]!["managedFields"]!.AsArray().Where(entry => (string)entry!["manager"]! == ApiNames.FieldManager).ToList();
        Assert.NotEmpty(managers);
        Assert.All(managers, entry => Assert.Equal("status", (string?)entry!["subresource"]));
    }

    private static Task ApplyAsync(Cluster cluster, string manager) =>
        cluster.Api.ApplyAsync(ResourceKinds.Model, Chat, Encoding.UTF8.GetBytes(YamlDocuments.Parse(Manifest)[0].ToJsonString()), manager, force: true, null, default);

    private static async Task<JsonNode> ReadAsync(Cluster cluster) => JsonNode.Parse((await cluster.Api.GetAsync(ResourceKinds.Model, Chat, default))!.Json.Span)!;
}
