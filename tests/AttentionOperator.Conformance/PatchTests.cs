using System.Text.Json.Nodes;

namespace AttentionOperator.Conformance;

public sealed class PatchTests(Cluster cluster) : ConformanceTest(cluster)
{
    private const string Merge = "application/merge-patch+json";
    private const string Strategic = "application/strategic-merge-patch+json";
    private const string Apply = "application/apply-patch+yaml";

    [Fact]
    public async Task A_json_patch_tests_before_it_changes()
    {
        await CreateAsync(ConfigMaps, ConfigMap("a"));
        var patch = JsonNode.Parse("""[{"op":"test","path":"/data/key","value":"1"},{"op":"replace","path":"/data/key","value":"2"}]""")!;
        Assert.Equal(200, (await Cluster.SendAsync("PATCH", $"{ConfigMaps}/a", patch, "application/json-patch+json")).Code);
        Assert.Equal(422, (await Cluster.SendAsync("PATCH", $"{ConfigMaps}/a", patch, "application/json-patch+json")).Code);
        Assert.Equal("2", Text(await GetAsync($"{ConfigMaps}/a"), "data", "key"));
    }

    [Fact]
    public async Task A_merge_patch_removes_by_null()
    {
        await CreateAsync(ConfigMaps, ConfigMap("a"));
        await Cluster.SendAsync("PATCH", $"{ConfigMaps}/a", Json("""{"data":{"key":null,"other":"x"}}"""), Merge);
        var data = (await GetAsync($"{ConfigMaps}/a"))["data"]!.AsObject();
        Assert.Equal("other", Assert.Single(data).Key);
    }

    [Fact]
    public async Task A_strategic_patch_merges_containers_by_name()
    {
        await CreateAsync(Deployments, Deployment("a", replicas: 0));
        var patch = Json("""{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"x:1"},{"name":"main","env":[{"name":"A","value":"1"}]}]}}}}""");
        Assert.Equal(200, (await Cluster.SendAsync("PATCH", $"{Deployments}/a", patch, Strategic)).Code);
        var containers = (await GetAsync($"{Deployments}/a"))["spec"]!["template"]!["spec"]!["containers"]!.AsArray();
        Assert.Equal(["main", "side"], containers.Select(c => Text(c, "name")).Order());
        Assert.Contains(containers, c => Text(c, "name") == "main" && Text(c, "image").Contains("pause", StringComparison.Ordinal) && c!["env"]!.AsArray().Count == 1);
        var removal = Json("""{"spec":{"template":{"spec":{"containers":[{"name":"side","$patch":"delete"}]}}}}""");
        Assert.Equal(200, (await Cluster.SendAsync("PATCH", $"{Deployments}/a", removal, Strategic)).Code);
        Assert.Single((await GetAsync($"{Deployments}/a"))["spec"]!["template"]!["spec"]!["containers"]!.AsArray());
    }

    [Fact]
    public async Task Apply_creates_then_owns_its_fields()
    {
        var (code, created) = await Cluster.SendAsync("PATCH", $"{ConfigMaps}/a?fieldManager=one", ConfigMap("a"), Apply);
        Assert.Equal(201, code);
        var entry = Assert.Single(created!["metadata"]!["managedFields"]!.AsArray());
        Assert.Equal("one", Text(entry, "manager"));
        Assert.Equal("Apply", Text(entry, "operation"));
        Assert.NotNull(entry!["fieldsV1"]!["f:data"]!["f:key"]);
    }

    [Fact]
    public async Task Apply_needs_a_field_manager()
    {
        var (code, _) = await Cluster.SendAsync("PATCH", $"{ConfigMaps}/a", ConfigMap("a"), Apply);
        Assert.Equal(422, code);
    }

    [Fact]
    public async Task Apply_removes_what_its_manager_left_out()
    {
        var full = Json("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"keep":"1","drop":"2"}}""");
        await Cluster.SendAsync("PATCH", $"{ConfigMaps}/a?fieldManager=one", full, Apply);
        await Cluster.SendAsync("PATCH", $"{ConfigMaps}/a?fieldManager=other", Json("""{"data":{"foreign":"3"}}"""), Merge);
        full["data"]!.AsObject().Remove("drop");
        var (code, applied) = await Cluster.SendAsync("PATCH", $"{ConfigMaps}/a?fieldManager=one", full, Apply);
        Assert.Equal(200, code);
        Assert.Equal(["foreign", "keep"], applied!["data"]!.AsObject().Select(d => d.Key).Order());
    }

    [Fact]
    public async Task Apply_conflicts_over_a_foreign_field_unless_forced()
    {
        await Cluster.SendAsync("PATCH", $"{ConfigMaps}/a?fieldManager=one", ConfigMap("a"), Apply);
        var (code, status) = await Cluster.SendAsync("PATCH", $"{ConfigMaps}/a?fieldManager=two", ConfigMap("a", "2"), Apply);
        Assert.Equal(409, code);
        Assert.Equal("Conflict", Text(status, "reason"));
        Assert.Equal("Apply failed with 1 conflict: conflict with \"one\": .data.key", Text(status, "message"));
        var cause = Assert.Single(status!["details"]!["causes"]!.AsArray());
        Assert.Equal("FieldManagerConflict", Text(cause, "reason"));
        Assert.Equal(".data.key", Text(cause, "field"));
        Assert.Equal(200, (await Cluster.SendAsync("PATCH", $"{ConfigMaps}/a?fieldManager=two&force=true", ConfigMap("a", "2"), Apply)).Code);
        Assert.Equal("2", Text(await GetAsync($"{ConfigMaps}/a"), "data", "key"));
    }

    [Fact]
    public async Task Equal_values_are_shared_without_conflict()
    {
        await Cluster.SendAsync("PATCH", $"{ConfigMaps}/a?fieldManager=one", ConfigMap("a"), Apply);
        var (code, shared) = await Cluster.SendAsync("PATCH", $"{ConfigMaps}/a?fieldManager=two", ConfigMap("a"), Apply);
        Assert.Equal(200, code);
        Assert.Equal(2, shared!["metadata"]!["managedFields"]!.AsArray().Count);
    }

    [Fact]
    public async Task Applying_the_same_again_keeps_the_version()
    {
        var (_, first) = await Cluster.SendAsync("PATCH", $"{Deployments}/a?fieldManager=one", Deployment("a", replicas: 0), Apply);
        await UntilAsync(Deployments, "a", d => Text(d, "status", "observedGeneration") == "1");
        var before = await GetAsync($"{Deployments}/a");
        var (code, second) = await Cluster.SendAsync("PATCH", $"{Deployments}/a?fieldManager=one", Deployment("a", replicas: 0), Apply);
        Assert.Equal(200, code);
        Assert.Equal(Text(first, "metadata", "generation"), Text(second, "metadata", "generation"));
        Assert.Equal(Text(before, "spec"), Text(second, "spec"));
    }

    [Fact]
    public async Task Applied_lists_merge_by_their_keys()
    {
        var mine = Json("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"s"},"spec":{"selector":{"a":"b"},"ports":[{"name":"a","port":80}]}}""");
        var services = $"/api/v1/namespaces/{Namespace}/services";
        Assert.Equal(201, (await Cluster.SendAsync("PATCH", $"{services}/s?fieldManager=one", mine, Apply)).Code);
        var theirs = Json("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"s"},"spec":{"ports":[{"name":"b","port":90}]}}""");
        Assert.Equal(200, (await Cluster.SendAsync("PATCH", $"{services}/s?fieldManager=two", theirs, Apply)).Code);
        Assert.Equal(2, (await GetAsync($"{services}/s"))["spec"]!["ports"]!.AsArray().Count);
        theirs["spec"]!.AsObject().Remove("ports");
        Assert.Equal(200, (await Cluster.SendAsync("PATCH", $"{services}/s?fieldManager=two", theirs, Apply)).Code);
        Assert.Equal("a", Text(Assert.Single((await GetAsync($"{services}/s"))["spec"]!["ports"]!.AsArray()), "name"));
    }
}
