using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Api.Revisions;
using AttentionOperator.Api.Serialization;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Children;
using AttentionOperator.Kube.Objects;
using k8s.Models;

namespace AttentionOperator.Tests.Upgrades;

/// <summary>Revisions that former releases made are rendered as they were then: an upgrade, and its rollback, restarts no pod.</summary>
public sealed class FormerRevisionTests
{
    public static TheoryData<string> All => [.. Directory.GetDirectories(Root(), "*", SearchOption.AllDirectories).Where(directory => Path.GetFileName(Path.GetDirectoryName(directory)) == "revisions").Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(All))]
    public void Pods_and_configuration_are_what_they_were(string directory)
    {
        var hash = Path.GetFileName(directory);
        var deployment = Read(directory, "deployment.yaml");
        var metadata = deployment["metadata"]!;
        var snapshot = JsonNode.Parse(File.ReadAllText(Path.Combine(directory, "controllerrevision.json")))!["data"]!.Deserialize<RevisionSnapshot>(KubeJson.Options)!;
        var owner = metadata["ownerReferences"]![0]!;
        var model = new AttentionModel { Metadata = new V1ObjectMeta { Name = (string)owner["name"]!, NamespaceProperty = (string)metadata["namespace"]!, Uid = (string)owner["uid"]! } };

        Assert.Equal(hash, RevisionHash.Compute(new AttentionModelSpec
        {
            Task = snapshot.Task, Model = snapshot.Model, Tokenizer = snapshot.Tokenizer, Precision = snapshot.Precision, Attention = snapshot.Attention, Limits = snapshot.Limits,
            Batching = snapshot.Batching, Runtime = snapshot.Runtime, Resources = snapshot.Resources, Placement = snapshot.Placement, Observability = snapshot.Observability,
        }, snapshot.HashVersion));

        var rendered = RevisionRenderer.Render(model, hash, snapshot, (int)(long)deployment["spec"]!["replicas"]!).ToList();
        var now = JsonSerializer.SerializeToNode(rendered.OfType<V1Deployment>().Single(), KubeJson.Options)!["spec"]!["template"]!;
        Assert.True(JsonNode.DeepEquals(Canonical(deployment["spec"]!["template"]!), Canonical(now)), $"the pods of {hash} would restart:\n{Canonical(now).ToJsonString()}\nwere\n{Canonical(deployment["spec"]!["template"]!).ToJsonString()}");
        Assert.Equal((string)Read(directory, "configmap.yaml")["data"]!["runtime.json"]!, rendered.OfType<V1ConfigMap>().Single().Data["runtime.json"]);
    }

    // Quantities and the like are compared as the API server stores them: by text.
    private static JsonNode Canonical(JsonNode node) => node switch
    {
        JsonObject members => new JsonObject(members.Where(member => member.Value is not null).OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => KeyValuePair.Create(member.Key, (JsonNode?)Canonical(member.Value!)))),
        JsonArray items => new JsonArray([.. items.Select(item => Canonical(item!))]),
        _ => JsonValue.Create(node.ToString()),
    };

    private static JsonNode Read(string directory, string file) => YamlDocuments.Parse(File.ReadAllText(Path.Combine(directory, file)))[0];

    private static string Root([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", "..", "testassets", "releases"));
}
