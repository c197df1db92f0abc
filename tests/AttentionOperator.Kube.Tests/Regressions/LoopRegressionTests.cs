using System.Text.Json.Nodes;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Kube.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace AttentionOperator.Kube.Tests.Regressions;

/// <summary>Bugs that other operators shipped, against a whole loop over HTTP. docs/control-loop.md lists them.</summary>
public sealed class LoopRegressionTests : IAsyncLifetime
{
    private ApiServer server = null!;

    public async ValueTask InitializeAsync() => server = await ApiServer.StartAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task StaleCacheAfterOwnWrite_DoesNotActTwice()
    {
        await using var mirror = new MirrorController(server);
        Put("warm", "1");
        await PatchAsync("warm");
        await server.Watches.FirstAsync(r => r.Path.EndsWith("/secrets", StringComparison.Ordinal));
        await mirror.Reconciled.NthAsync(2, k => k.Name == "warm");

        // The children's watch goes quiet: events of our own writes do not come.
        ApiWatcher children = server.Watchers().Single(w => w.Collection.EndsWith("/secrets", StringComparison.Ordinal));
        children.Silent = true;
        Put("a", "1");
        await PatchAsync("a");
        for (int i = 0; i < 20; i++)
        {
            mirror.Controller.Queue.Add(new ObjectKey("ns", "a"));
        }

        Put("marker", "1");
        await PatchAsync("marker");
        Assert.Single(server.Requests.Items, r => r.Method == "PATCH" && r.Path.EndsWith("/a", StringComparison.Ordinal));

        // When the watch comes back, so does the key, without any time-out.
        children.Abort();
        await mirror.Reconciled.NthAsync(2, k => k.Name == "a");
        Assert.Single(server.Requests.Items, r => r.Method == "PATCH" && r.Path.EndsWith("/a", StringComparison.Ordinal));
    }

    [Fact]
    public async Task HotLoop_OwnWritesAndForeignFieldsCauseNoFurtherWrites()
    {
        await using var mirror = new MirrorController(server);
        Put("a", "1");
        await PatchAsync("a");
        for (int i = 0; i < 10; i++)
        {
            // Somebody injects labels into the child, again and again.
            server.Put(MirrorController.Children, "a", o => o["metadata"]!["labels"] = new JsonObject { ["injected"] = $"{i}" });
        }

        Put("b", "1");
        await PatchAsync("b");
        await mirror.Reconciled.NthAsync(2, k => k.Name == "b");
        Assert.Equal(2, server.Requests.Items.Count(r => r.Method == "PATCH"));
    }

    [Fact]
    public async Task DriftOfAFieldThatWeState_IsPutBack()
    {
        await using var mirror = new MirrorController(server);
        Put("a", "1");
        await PatchAsync("a");
        await mirror.Reconciled.NthAsync(2, k => k.Name == "a");
        server.Put(MirrorController.Children, "a", o => o["data"]!["value"] = "tampered");
        await server.Requests.NthAsync(2, r => r.Method == "PATCH");
        await mirror.Reconciled.NthAsync(4, k => k.Name == "a");
        Assert.Equal("1", (string?)server.Get(MirrorController.Children, "a")!["data"]!["value"]);
    }

    [Fact]
    public async Task Churn_LeavesNothingBehind()
    {
        await using var mirror = new MirrorController(server);
        for (int round = 0; round < 20; round++)
        {
            for (int i = 0; i < 25; i++)
            {
                Put($"r{round}-{i}", "1");
            }

            await server.WaitUntilAsync(() => server.Names(MirrorController.Children).Count == 25);
            for (int i = 0; i < 25; i++)
            {
                server.Delete(MirrorController.Parents, $"r{round}-{i}");
            }

            await server.WaitUntilAsync(() => server.Names(MirrorController.Children).Count == 0);
        }

        Put("last", "1");
        await mirror.Reconciled.NthAsync(2, k => k.Name == "last");
        await server.WaitUntilAsync(() => mirror.Controller.Queue is { Count: 0, ProcessingCount: 0, DelayedCount: 0 });
        Assert.InRange(mirror.Applier.Remembered, 1, 2);
        Assert.InRange(mirror.OwnWrites.Count, 0, 25);
        Assert.Equal(0, mirror.Controller.Queue.Failures(new ObjectKey("ns", "r0-0")));
    }

    private void Put(string name, string value) => server.Put(MirrorController.Parents, name, o => o["data"] = new JsonObject { ["value"] = value });

    private Task<RecordedRequest> PatchAsync(string name) => server.Requests.FirstAsync(r => r.Method == "PATCH" && r.Path == $"{MirrorController.Children}/{name}");
}
