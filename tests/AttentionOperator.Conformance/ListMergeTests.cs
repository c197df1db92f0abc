using System.Text.Json.Nodes;

namespace AttentionOperator.Conformance;

/// <summary>How lists of the built-in kinds that the product applies are merged: by their keys, so that what others add stays.</summary>
public sealed class ListMergeTests(Cluster cluster) : ConformanceTest(cluster)
{
    private const string Apply = "application/apply-patch+yaml";

    [Theory]
    [InlineData("env", "name", """{"name":"A","value":"1"}""", """{"name":"B","value":"2"}""")]
    [InlineData("volumeMounts", "mountPath", """{"name":"v","mountPath":"/a"}""", """{"name":"v","mountPath":"/b"}""")]
    [InlineData("ports", "containerPort", """{"containerPort":80,"protocol":"TCP"}""", """{"containerPort":90,"protocol":"TCP"}""")]
    public async Task Items_of_containers_merge_by_key(string list, string key, string ours, string theirs)
    {
        var path = $"{Deployments}/d";
        var mine = WithVolume(list, ours);
        Assert.Equal(201, (await Cluster.SendAsync("PATCH", $"{path}?fieldManager=one", mine, Apply)).Code);
        var other = Json($$"""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"spec":{"template":{"spec":{"containers":[{"name":"main","{{list}}":[{{theirs}}]}]} } } }""");
        Assert.Equal(200, (await Cluster.SendAsync("PATCH", $"{path}?fieldManager=two", other, Apply)).Code);
        Assert.Equal(200, (await Cluster.SendAsync("PATCH", $"{path}?fieldManager=one", WithVolume(list, ours), Apply)).Code);
        var items = Container(await GetAsync(path))[list]!.AsArray();
        Assert.Equal([Text(JsonNode.Parse(ours), key), Text(JsonNode.Parse(theirs), key)], items.Select(i => Text(i, key)).Order());
        // What its manager no longer states goes, what others state stays.
        Assert.Equal(200, (await Cluster.SendAsync("PATCH", $"{path}?fieldManager=one", WithVolume(list, null), Apply)).Code);
        Assert.Equal(Text(JsonNode.Parse(theirs), key), Text(Assert.Single(Container(await GetAsync(path))[list]!.AsArray()), key));
    }

    [Fact]
    public async Task A_sidecar_and_labels_of_others_survive_an_apply()
    {
        var path = $"{Deployments}/d";
        await Cluster.SendAsync("PATCH", $"{path}?fieldManager=one", WithVolume("env", null), Apply);
        await Cluster.SendAsync("PATCH", path, Json("""{"metadata":{"labels":{"injected":"yes"}},"spec":{"replicas":3,"template":{"spec":{"containers":[{"name":"side","image":"x:1"}]}}}}"""), "application/strategic-merge-patch+json");
        var (code, applied) = await Cluster.SendAsync("PATCH", $"{path}?fieldManager=one", WithVolume("env", null), Apply);
        Assert.Equal(200, code);
        Assert.Equal("yes", Text(applied, "metadata", "labels", "injected"));
        Assert.Equal("3", Text(applied, "spec", "replicas"));
        Assert.Equal(["main", "side"], applied!["spec"]!["template"]!["spec"]!["containers"]!.AsArray().Select(c => Text(c, "name")).Order());
    }

    [Fact]
    public async Task Owners_merge_by_uid()
    {
        var owner = await CreateAsync(ConfigMaps, ConfigMap("owner"));
        var other = await CreateAsync(ConfigMaps, ConfigMap("other"));
        Assert.Equal(201, (await Cluster.SendAsync("PATCH", $"{ConfigMaps}/child?fieldManager=one", Owned(owner), Apply)).Code);
        var (code, both) = await Cluster.SendAsync("PATCH", $"{ConfigMaps}/child?fieldManager=two", Owned(other), Apply);
        Assert.Equal(200, code);
        Assert.Equal(2, both!["metadata"]!["ownerReferences"]!.AsArray().Count);
    }

    private static JsonObject Owned(JsonObject owner) => Json($$"""
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"child","ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"{{Text(owner, "metadata", "name")}}","uid":"{{Text(owner, "metadata", "uid")}}"}]} }
        """);

    private static JsonObject WithVolume(string list, string? item)
    {
        var deployment = Deployment("d", replicas: 0);
        deployment["spec"]!.AsObject().Remove("replicas");
        deployment["spec"]!["template"]!["spec"]!["volumes"] = new JsonArray(Json("""{"name":"v","emptyDir":{}}"""));
        if (item is not null) Container(deployment)[list] = new JsonArray(JsonNode.Parse(item));
        return deployment;
    }

    private static JsonNode Container(JsonNode deployment) => deployment["spec"]!["template"]!["spec"]!["containers"]!.AsArray().Single(c => Text(c, "name") == "main")!;
}
