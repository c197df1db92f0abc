using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Tests.Api;
using static AttentionOperator.Sandbox.Tests.Api.ApiTestServer;

namespace AttentionOperator.Sandbox.Tests.Storage;

/// <summary>Versions, pages and watches as clients see them.</summary>
public sealed class ListAndWatchTests
{
    [Fact]
    public async Task Pages_show_one_state_while_objects_come_and_go()
    {
        await using var api = await ApiTestServer.StartAsync();
        foreach (var name in (string[])["a", "b", "c", "d", "e"]) await api.CreateAsync(ConfigMaps, ConfigMap(name));
        var names = new List<string>();
        string? next = null;
        string? version = null;
        do
        {
            var page = await api.GetAsync($"{ConfigMaps}?limit=2{(next is null ? "" : $"&continue={next}")}");
            version ??= Text(page, "metadata", "resourceVersion");
            Assert.Equal(version, Text(page, "metadata", "resourceVersion"));
            if (names.Count == 0) Assert.Equal("3", Text(page, "metadata", "remainingItemCount"));
            names.AddRange(page["items"]!.AsArray().Select(i => Text(i, "metadata", "name") + Text(i, "data", "key")));
            next = page["metadata"]!["continue"]?.ToString();
            await api.SendAsync("DELETE", $"{ConfigMaps}/d");
            await api.MergeAsync($"{ConfigMaps}/e", """{"data":{"key":"2"}}""");
            await api.SendAsync("POST", ConfigMaps, ConfigMap("bb"));
        }
        while (!string.IsNullOrEmpty(next));

        Assert.Equal(["a1", "b1", "c1", "d1", "e1"], names);
        var exact = await api.GetAsync($"{ConfigMaps}?resourceVersion={version}&resourceVersionMatch=Exact");
        Assert.Equal(5, exact["items"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_page_of_a_forgotten_state_offers_to_go_on_with_the_present_one()
    {
        await using var api = await ApiTestServer.StartAsync();
        foreach (var name in (string[])["a", "b", "c"]) await api.CreateAsync(ConfigMaps, ConfigMap(name));
        var page = await api.GetAsync($"{ConfigMaps}?limit=1");
        await api.CreateAsync(ConfigMaps, ConfigMap("d"));
        api.Server.Compact();

        var (code, status) = await api.SendAsync("GET", $"{ConfigMaps}?limit=5&continue={Text(page, "metadata", "continue")}");
        Assert.Equal((410, "Expired"), (code, Text(status, "reason")));
        var rest = await api.GetAsync($"{ConfigMaps}?limit=5&continue={Text(status, "metadata", "continue")}");
        Assert.Equal(["b", "c", "d"], rest["items"]!.AsArray().Select(i => Text(i, "metadata", "name")));
        Assert.Equal(410, (await api.SendAsync("GET", $"{ConfigMaps}?resourceVersion={Text(page, "metadata", "resourceVersion")}&resourceVersionMatch=Exact")).Code);
    }

    [Theory]
    [InlineData("continue=nonsense", 400, "BadRequest")]
    [InlineData("resourceVersion=abc", 422, "Invalid")]
    [InlineData("resourceVersionMatch=Exact", 422, "Invalid")]
    [InlineData("resourceVersion=0&resourceVersionMatch=Exact", 422, "Invalid")]
    [InlineData("resourceVersion=1&resourceVersionMatch=Other", 422, "Invalid")]
    [InlineData("resourceVersion=999999999", 504, "Timeout")]
    [InlineData("watch=true&resourceVersion=999999999", 504, "Timeout")]
    [InlineData("labelSelector=a%3D%3D%3Db", 400, "BadRequest")]
    [InlineData("fieldSelector=data.key%3D1", 400, "BadRequest")]
    public async Task A_wrong_question_is_refused(string query, int code, string reason)
    {
        await using var api = await ApiTestServer.StartAsync();
        var (actual, status) = await api.SendAsync("GET", $"{ConfigMaps}?{query}");
        Assert.Equal((code, reason), (actual, Text(status, "reason")));
    }

    [Fact]
    public async Task An_update_of_an_old_version_conflicts_and_a_patch_without_one_does_not()
    {
        await using var api = await ApiTestServer.StartAsync();
        var first = await api.CreateAsync(ConfigMaps, ConfigMap("m"));
        await api.MergeAsync($"{ConfigMaps}/m", """{"data":{"key":"2"}}""");
        first["data"]!["key"] = "3";
        var (code, status) = await api.SendAsync("PUT", $"{ConfigMaps}/m", first);
        Assert.Equal((409, "Conflict"), (code, Text(status, "reason")));
        Assert.Equal("Operation cannot be fulfilled on configmaps \"m\": the object has been modified; please apply your changes to the latest version and try again", Text(status, "message"));
        Assert.Equal(409, (await api.MergeAsync($"{ConfigMaps}/m", $$"""{"metadata":{"resourceVersion":"{{Text(first, "metadata", "resourceVersion")}}"},"data":{"key":"3"} }""")).Code);
        first["metadata"]!.AsObject().Remove("resourceVersion");
        Assert.Equal(200, (await api.SendAsync("PUT", $"{ConfigMaps}/m", first)).Code);

        await Task.WhenAll(Enumerable.Range(0, 10).Select(async i => Assert.Equal(200, (await api.MergeAsync($"{ConfigMaps}/m", $$"""{"data":{"k{{i}}":"1"} }""")).Code)));
        Assert.Equal(11, (await api.GetAsync($"{ConfigMaps}/m"))["data"]!.AsObject().Count);
    }

    [Fact]
    public async Task Bookmarks_move_a_quiet_watch_on()
    {
        await using var api = await ApiTestServer.StartAsync(new SandboxApiServerOptions { BookmarkInterval = TimeSpan.FromMilliseconds(50) });
        using var watch = await api.OpenAsync("GET", $"{ConfigMaps}?watch=true&allowWatchBookmarks=true&fieldSelector=metadata.name%3Dnone");
        using var reader = new StreamReader(await watch.Content.ReadAsStreamAsync());
        var elsewhere = long.Parse(Text(await api.CreateAsync("/api/v1/namespaces", Body("""{"metadata":{"name":"other"}}""")), "metadata", "resourceVersion"), System.Globalization.CultureInfo.InvariantCulture);
        JsonNode? change;
        do
        {
            change = JsonNode.Parse((await reader.ReadLineAsync().WaitAsync(Patience))!);
            Assert.Equal(("BOOKMARK", "ConfigMap"), (Text(change, "type"), Text(change, "object", "kind")));
        }
        while (long.Parse(Text(change, "object", "metadata", "resourceVersion"), System.Globalization.CultureInfo.InvariantCulture) < elsewhere);
    }

    [Fact]
    public async Task A_write_that_changes_nothing_keeps_the_version_and_wakes_no_watch()
    {
        await using var api = await ApiTestServer.StartAsync();
        var created = await api.CreateAsync(ConfigMaps, ConfigMap("m"));
        using var watch = await api.OpenAsync("GET", $"{ConfigMaps}?watch=true&resourceVersion={Text(created, "metadata", "resourceVersion")}");
        using var reader = new StreamReader(await watch.Content.ReadAsStreamAsync());
        var (_, same) = await api.SendAsync("PUT", $"{ConfigMaps}/m", created.DeepClone());
        Assert.Equal(Text(created, "metadata", "resourceVersion"), Text(same, "metadata", "resourceVersion"));
        await api.MergeAsync($"{ConfigMaps}/m", """{"data":{"key":"1"}}""");
        await api.CreateAsync(ConfigMaps, ConfigMap("next"));
        Assert.Equal("next", Text(JsonNode.Parse((await reader.ReadLineAsync())!), "object", "metadata", "name"));
    }
}
