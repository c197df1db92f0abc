namespace AttentionOperator.Conformance;

public sealed class DeletionTests(Cluster cluster) : ConformanceTest(cluster)
{
    [Fact]
    public async Task Finalizers_hold_a_deleted_object()
    {
        var held = ConfigMap("held");
        held["metadata"]!["finalizers"] = new System.Text.Json.Nodes.JsonArray("example.com/hold");
        await CreateAsync(ConfigMaps, held);
        Assert.Equal(200, (await Cluster.SendAsync("DELETE", $"{ConfigMaps}/held")).Code);
        Assert.NotEmpty(Text(await GetAsync($"{ConfigMaps}/held"), "metadata", "deletionTimestamp"));
        var (code, _) = await Cluster.SendAsync("PATCH", $"{ConfigMaps}/held", Json("""{"metadata":{"finalizers":["example.com/hold","example.com/more"]}}"""), "application/merge-patch+json");
        Assert.Equal(422, code);
        await Cluster.SendAsync("PATCH", $"{ConfigMaps}/held", Json("""{"metadata":{"finalizers":null}}"""), "application/merge-patch+json");
        Assert.Equal(404, (await Cluster.SendAsync("GET", $"{ConfigMaps}/held")).Code);
    }

    [Fact]
    public async Task Preconditions_guard_a_delete()
    {
        await CreateAsync(ConfigMaps, ConfigMap("a"));
        var (code, status) = await Cluster.SendAsync("DELETE", $"{ConfigMaps}/a", Json("""{"preconditions":{"uid":"00000000-0000-0000-0000-000000000000"}}"""));
        Assert.Equal(409, code);
        Assert.Contains("the UID in the precondition (00000000-0000-0000-0000-000000000000) does not match the UID in record (", Text(status, "message"), StringComparison.Ordinal);
        Assert.Equal("ConfigMap", Text(status, "details", "kind"));
        (code, status) = await Cluster.SendAsync("DELETE", $"{ConfigMaps}/a", Json("""{"preconditions":{"resourceVersion":"1"}}"""));
        Assert.Equal(409, code);
        Assert.Contains("the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (", Text(status, "message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collection_is_deleted_by_selector()
    {
        await CreateAsync(ConfigMaps, ConfigMap("a", labels: """{"go":"yes"}"""));
        await CreateAsync(ConfigMaps, ConfigMap("b"));
        Assert.Equal(200, (await Cluster.SendAsync("DELETE", $"{ConfigMaps}?labelSelector=go%3Dyes")).Code);
        Assert.Equal(404, (await Cluster.SendAsync("GET", $"{ConfigMaps}/a")).Code);
        Assert.Equal(200, (await Cluster.SendAsync("GET", $"{ConfigMaps}/b")).Code);
    }

    [Fact]
    public async Task Children_go_with_their_owner()
    {
        var owner = await CreateAsync(ConfigMaps, ConfigMap("owner"));
        await CreateAsync(ConfigMaps, Owned("child", owner));
        await Cluster.SendAsync("DELETE", $"{ConfigMaps}/owner", Json("""{"propagationPolicy":"Background"}"""));
        await UntilGoneAsync(ConfigMaps, "child");
    }

    [Fact]
    public async Task Orphans_lose_their_owner_and_stay()
    {
        var owner = await CreateAsync(ConfigMaps, ConfigMap("owner"));
        await CreateAsync(ConfigMaps, Owned("child", owner));
        await Cluster.SendAsync("DELETE", $"{ConfigMaps}/owner", Json("""{"propagationPolicy":"Orphan"}"""));
        await UntilGoneAsync(ConfigMaps, "owner");
        Assert.Null((await GetAsync($"{ConfigMaps}/child"))["metadata"]!["ownerReferences"]);
    }

    [Fact]
    public async Task A_foreground_delete_waits_for_blocking_children()
    {
        var owner = await CreateAsync(ConfigMaps, ConfigMap("owner"));
        var child = Owned("child", owner);
        child["metadata"]!["finalizers"] = new System.Text.Json.Nodes.JsonArray("example.com/hold");
        await CreateAsync(ConfigMaps, child);
        await Cluster.SendAsync("DELETE", $"{ConfigMaps}/owner", Json("""{"propagationPolicy":"Foreground"}"""));
        await UntilAsync(ConfigMaps, "child", c => Text(c, "metadata", "deletionTimestamp").Length > 0);
        Assert.Contains("foregroundDeletion", (await GetAsync($"{ConfigMaps}/owner"))["metadata"]!["finalizers"]!.AsArray().Select(f => f!.ToString()));
        await Cluster.SendAsync("PATCH", $"{ConfigMaps}/child", Json("""{"metadata":{"finalizers":null}}"""), "application/merge-patch+json");
        await UntilGoneAsync(ConfigMaps, "owner");
    }

    private static System.Text.Json.Nodes.JsonObject Owned(string name, System.Text.Json.Nodes.JsonObject owner)
    {
        var child = ConfigMap(name);
        child["metadata"]!["ownerReferences"] = new System.Text.Json.Nodes.JsonArray(new System.Text.Json.Nodes.JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["name"] = Text(owner, "metadata", "name"),
            ["uid"] = Text(owner, "metadata", "uid"),
            ["blockOwnerDeletion"] = true,
        });
        return child;
    }
}
