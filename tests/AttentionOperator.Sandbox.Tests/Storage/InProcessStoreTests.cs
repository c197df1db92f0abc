using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Storage;
using AttentionOperator.Sandbox.Tests.Api;

namespace AttentionOperator.Sandbox.Tests.Storage;

public sealed class InProcessStoreTests : IAsyncLifetime
{
    private const string Maps = "v1/configmaps";
    private ApiTestServer _api = null!;

    private IResourceStore Store => _api.Server.Resources;

    public async ValueTask InitializeAsync() => _api = await ApiTestServer.StartAsync();

    public async ValueTask DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task Objects_are_created_changed_listed_and_deleted_by_the_same_rules()
    {
        Assert.Null(Store.Find(Maps, "default", "m"));
        var created = await Store.CreateAsync(Maps, "default", ApiTestServer.ConfigMap("m"));
        Assert.NotNull(created["metadata"]!["uid"]);
        Assert.Equal("AlreadyExists", (await Assert.ThrowsAsync<ApiException>(() => Store.CreateAsync(Maps, "default", ApiTestServer.ConfigMap("m")))).Reason);
        Assert.Equal("Invalid", (await Assert.ThrowsAsync<ApiException>(() => Store.CreateAsync(Maps, "default", ApiTestServer.ConfigMap("NO")))).Reason);
        await Store.ModifyAsync(Maps, "default", "m", m => { m["data"]!["key"] = "2"; return m; });
        Assert.Equal("Conflict", (await Assert.ThrowsAsync<ApiException>(() => Store.UpdateAsync(Maps, "default", "m", created))).Reason);
        var untouched = await Store.ModifyAsync(Maps, "default", "m", _ => null);
        Assert.Equal("2", ApiTestServer.Text(untouched, "data", "key"));
        Assert.Contains(Store.List(Maps, "default").Items, i => ApiTestServer.Text(i, "metadata", "name") == "m");
        Assert.Empty(Store.List(Maps, "default", "a=b").Items);
        await Store.DeleteAsync(Maps, "default", "m");
        Assert.Equal("NotFound", (await Assert.ThrowsAsync<ApiException>(() => Store.DeleteAsync(Maps, "default", "m"))).Reason);
        Assert.Throws<ApiException>(() => Store.Find("v1/nonsense", null, "m"));
    }

    [Fact]
    public async Task Modifications_of_many_are_all_kept()
    {
        await Store.CreateAsync(Maps, "default", ApiTestServer.ConfigMap("m", "0"));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => Store.ModifyAsync(Maps, "default", "m", m => { m["data"]![$"k{i}"] = "1"; return m; }))));
        Assert.Equal(9, Store.Find(Maps, "default", "m")!["data"]!.AsObject().Count);
    }

    [Fact]
    public async Task A_watch_begins_with_what_is_there_goes_on_from_a_version_and_expires()
    {
        using var patience = new CancellationTokenSource(ApiTestServer.Patience);
        await Store.CreateAsync(Maps, "default", ApiTestServer.ConfigMap("a"));
        var version = Store.List(Maps, "default").ResourceVersion;
        await Store.CreateAsync(Maps, "default", ApiTestServer.ConfigMap("b"));
        Assert.Equal(["ADDED a", "ADDED b", "DELETED a"], await TakeAsync(null, 3, () => Store.DeleteAsync(Maps, "default", "a"), patience.Token));
        Assert.Equal(["ADDED b", "DELETED a"], await TakeAsync(version, 2, () => Task.CompletedTask, patience.Token));
        _api.Server.Compact();
        Assert.Equal(410, (await Assert.ThrowsAsync<ApiException>(() => TakeAsync(version, 1, () => Task.CompletedTask, patience.Token))).Code);
    }

    private async Task<List<string>> TakeAsync(string? version, int count, Func<Task> meanwhile, CancellationToken cancellation)
    {
        var seen = new List<string>();
        await foreach (var change in Store.WatchAsync(Maps, "default", version, cancellation))
        {
            seen.Add($"{change.Type} {ApiTestServer.Text(change.Object, "metadata", "name")}");
            if (seen.Count == count - 1) await meanwhile();
            if (seen.Count == count) break;
        }

        return seen;
    }
}
