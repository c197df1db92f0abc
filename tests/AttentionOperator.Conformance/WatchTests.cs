namespace AttentionOperator.Conformance;

public sealed class WatchTests(Cluster cluster) : ConformanceTest(cluster)
{
    [Fact]
    public async Task A_watch_from_a_version_sees_everything_after_it()
    {
        var first = await CreateAsync(ConfigMaps, ConfigMap("a"));
        await CreateAsync(ConfigMaps, ConfigMap("b"));
        await Cluster.SendAsync("PATCH", $"{ConfigMaps}/b", Json("""{"data":{"key":"2"}}"""), "application/merge-patch+json");
        await Cluster.SendAsync("DELETE", $"{ConfigMaps}/b");
        var seen = new List<string>();
        using var patience = new CancellationTokenSource(Patience);
        await foreach (var change in WatchAsync($"{ConfigMaps}?watch=true&resourceVersion={Text(first, "metadata", "resourceVersion")}&fieldSelector=metadata.name%3Db", patience.Token))
        {
            seen.Add(Text(change, "type"));
            if (seen.Count == 3) break;
        }

        Assert.Equal(["ADDED", "MODIFIED", "DELETED"], seen);
    }

    [Fact]
    public async Task Selection_turns_changes_into_arrivals_and_departures()
    {
        var list = await GetAsync(ConfigMaps);
        await CreateAsync(ConfigMaps, ConfigMap("a", labels: """{"in":"no"}"""));
        await Cluster.SendAsync("PATCH", $"{ConfigMaps}/a", Json("""{"metadata":{"labels":{"in":"yes"}}}"""), "application/merge-patch+json");
        await Cluster.SendAsync("PATCH", $"{ConfigMaps}/a", Json("""{"metadata":{"labels":{"in":"no"}}}"""), "application/merge-patch+json");
        var seen = new List<string>();
        using var patience = new CancellationTokenSource(Patience);
        await foreach (var change in WatchAsync($"{ConfigMaps}?watch=true&resourceVersion={Text(list, "metadata", "resourceVersion")}&labelSelector=in%3Dyes", patience.Token))
        {
            seen.Add(Text(change, "type"));
            if (seen.Count == 2) break;
        }

        Assert.Equal(["ADDED", "DELETED"], seen);
    }

    [Fact]
    public async Task Initial_events_end_with_a_bookmark()
    {
        await CreateAsync(ConfigMaps, ConfigMap("a"));
        using var patience = new CancellationTokenSource(Patience);
        var added = 0;
        await foreach (var change in WatchAsync($"{ConfigMaps}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true", patience.Token))
        {
            if (Text(change, "type") == "ADDED") added++;
            if (Text(change, "type") != "BOOKMARK") continue;
            Assert.Equal("true", Text(change, "object", "metadata", "annotations", "k8s.io/initial-events-end"));
            break;
        }

        Assert.True(added >= 1);
    }

    [Fact]
    public async Task Initial_events_need_a_match_rule()
    {
        var (code, status) = await Cluster.SendAsync("GET", $"{ConfigMaps}?watch=true&sendInitialEvents=true");
        Assert.Equal(422, code);
        Assert.Equal("Invalid", Text(status, "reason"));
    }

    [Fact]
    public async Task A_watch_ends_after_its_time_out()
    {
        using var patience = new CancellationTokenSource(Patience);
        await foreach (var change in WatchAsync($"{ConfigMaps}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3Dnone", patience.Token))
            Assert.Fail($"unexpected {change.ToJsonString()}");
        Assert.False(patience.IsCancellationRequested);
    }

    [Fact]
    public async Task A_forgotten_version_has_expired()
    {
        using var patience = new CancellationTokenSource(Patience);
        var list = await GetAsync("/api/v1/namespaces?limit=1");
        if (Cluster.IsSandbox) Assert.Equal(200, (await Cluster.SendAsync("POST", "/sandbox/compact")).Code);
        else if (long.Parse(Text(list, "metadata", "resourceVersion"), System.Globalization.CultureInfo.InvariantCulture) < 5000) Assert.Skip("The cluster is too young to have forgotten anything.");
        await CreateAsync(ConfigMaps, ConfigMap("a"));
        using var response = await Cluster.OpenAsync("GET", $"{ConfigMaps}?watch=true&resourceVersion=1");
        if ((int)response.StatusCode == 410) return;
        Assert.Equal(200, (int)response.StatusCode);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(patience.Token));
        var change = System.Text.Json.Nodes.JsonNode.Parse((await reader.ReadLineAsync(patience.Token))!);
        Assert.Equal("ERROR", Text(change, "type"));
        Assert.Equal("410", Text(change, "object", "code"));
        Assert.Equal("Expired", Text(change, "object", "reason"));
    }
}
