using System.Text.Json.Nodes;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Queues;
using AttentionOperator.Kube.Tests.Support;
using k8s.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace AttentionOperator.Kube.Tests.Informers;

public sealed class SharedInformerTests : InformerTestBase
{
    [Fact]
    public async Task List_InPages_BringsEverythingAndMarksItInitial()
    {
        for (int i = 0; i < 7; i++)
        {
            Put($"o{i}");
        }

        SharedInformer<V1ConfigMap> informer = await StartAsync(Options(pageSize: 3));

        Assert.Equal(7, informer.Count);
        Assert.Equal(3, Server.Requests.Items.Count(r => r.IsList));
        Assert.All(Events.Items, e => Assert.True(e is { Kind: InformerEventKind.Added, IsInitial: true, Priority: WorkPriority.Background }));
        Assert.Equal("ConfigMap", informer.Get(Key("o3"))!.Kind);
    }

    [Fact]
    public async Task Watch_Changes_ReachHandlersWithOldAndNew()
    {
        Put("a");
        SharedInformer<V1ConfigMap> informer = await StartAsync();
        await WatchAsync();

        Put("a", "2");
        Put("b");
        Server.Delete(Collection, "a");

        InformerEvent<V1ConfigMap> modified = await Events.FirstAsync(e => e.Kind == InformerEventKind.Modified);
        Assert.Equal("1", modified.Old!.Data["value"]);
        Assert.Equal("2", modified.New!.Data["value"]);
        Assert.Equal(WorkPriority.Live, modified.Priority);
        InformerEvent<V1ConfigMap> deleted = await Events.FirstAsync(e => e.Kind == InformerEventKind.Deleted);
        Assert.Equal(Key("a"), deleted.Key);
        Assert.Null(deleted.New);
        Assert.Null(informer.Get(Key("a")));
        Assert.NotNull(informer.Get(Key("b")));
    }

    [Fact]
    public async Task Watch_DuplicateEvent_IsShownOnce()
    {
        SharedInformer<V1ConfigMap> informer = await StartAsync();
        await WatchAsync();
        JsonObject a = Server.Put(Collection, "a");

        Server.SendToWatchers(ApiServer.Event("MODIFIED", a));
        Server.SendToWatchers(ApiServer.Event("ADDED", a));
        Put("last");

        await Events.FirstAsync(e => e.Key == Key("last"));
        Assert.Single(Events.Items, e => e.Key == Key("a"));
        Assert.Equal(2, informer.Count);
    }

    [Fact]
    public async Task Watch_ConnectionDropped_ResumesFromLastVersionWithoutListing()
    {
        Put("a");
        await StartAsync();
        await WatchAsync();
        Put("b");
        await Events.FirstAsync(e => e.Key == Key("b"));
        int seen = Server.Version;

        Server.Watchers()[0].Abort();
        Put("c");
        await Events.FirstAsync(e => e.Key == Key("c"));

        RecordedRequest second = await WatchAsync(2);
        Assert.Contains($"resourceVersion={seen}", second.Query, StringComparison.Ordinal);
        Assert.Single(Server.Requests.Items, r => r.IsList);
        Assert.Single(Events.Items, e => e.Key == Key("b"));
    }

    [Fact]
    public async Task Watch_EndedInTheMiddleOfAnEvent_LosesNothing()
    {
        bool cut = false;
        Server.Intercept = async (context, request) =>
        {
            if (!request.IsWatch || cut)
            {
                return false;
            }

            cut = true;
            await context.Response.Body.WriteAsync("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"na"u8.ToArray());
            return true;
        };
        await StartAsync();
        Put("a");

        await Events.FirstAsync(e => e.Key == Key("a"));
        Assert.Empty(Malformed.Items);
    }

    [Fact]
    public async Task Bookmark_MovesTheVersion_SoThatCompactionCostsNoList()
    {
        Put("a");
        SharedInformer<V1ConfigMap> informer = await StartAsync();
        await WatchAsync();
        for (int i = 0; i < 50; i++)
        {
            Server.Tick();
        }

        Server.Bookmark();
        Put("b");
        await Events.FirstAsync(e => e.Key == Key("b"));
        Server.Watchers()[0].Close();
        await WatchAsync(2);

        Assert.Single(Server.Requests.Items, r => r.IsList);
        Assert.Equal(Server.Version.ToString(System.Globalization.CultureInfo.InvariantCulture), informer.LatestResourceVersion);
    }

    [Fact]
    public async Task Expired_ListsAgainFromNoVersionAndSynthesizesDeletes()
    {
        Put("stays");
        Put("goes");
        Put("changes");
        SharedInformer<V1ConfigMap> informer = await StartAsync();
        await WatchAsync();
        foreach (ApiWatcher watcher in Server.Watchers())
        {
            watcher.Silent = true;
        }

        Server.Delete(Collection, "goes");
        Put("changes", "2");
        Put("comes");
        Server.Compact();
        Server.Watchers()[0].Abort();

        InformerEvent<V1ConfigMap> deleted = await Events.FirstAsync(e => e.Kind == InformerEventKind.Deleted);
        Assert.Equal(Key("goes"), deleted.Key);
        Assert.Equal("1", deleted.Old!.Data["value"]);
        Assert.Contains(Events.Items, e => e.Kind == InformerEventKind.Modified && e.Key == Key("changes"));
        Assert.Contains(Events.Items, e => e is { Kind: InformerEventKind.Added, IsInitial: false } && e.Key == Key("comes"));
        Assert.Single(Events.Items, e => e.Key == Key("stays"));
        Assert.Equal(3, informer.Count);
        Assert.DoesNotContain(Server.Requests.Items, r => r.IsList && r.Query.Contains("resourceVersion=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Expired_HttpStatus410AndContinueToken_ListAgain()
    {
        for (int i = 0; i < 5; i++)
        {
            Put($"o{i}");
        }

        int refused = 0;
        Server.Intercept = async (context, request) =>
        {
            bool refuse = refused == 0 && request.Query.Contains("continue=", StringComparison.Ordinal);
            if (refuse)
            {
                refused++;
                context.Response.StatusCode = 410;
                await context.Response.WriteAsync("""{"kind":"Status","code":410,"reason":"Expired","message":"The provided continue parameter is too old"}""");
            }

            return refuse;
        };

        SharedInformer<V1ConfigMap> informer = await StartAsync(Options(pageSize: 2));

        Assert.Equal(1, refused);
        Assert.Equal(5, informer.Count);
        Assert.Equal(5, Events.Items.Count);
    }

    [Fact]
    public async Task SilentWatch_WatchdogConnectsAgainFromTheLastVersion()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        Put("a");
        SharedInformer<V1ConfigMap> informer = await StartAsync(time: clock);
        await WatchAsync();
        Server.Watchers()[0].Silent = true;
        Put("b");

        await clock.AdvanceUntilAsync(Events.FirstAsync(e => e.Key == Key("b")), TimeSpan.FromSeconds(10));

        Assert.Single(Server.Requests.Items, r => r.IsList);
        Assert.Equal(2, informer.Count);
    }

    [Fact]
    public async Task HangingList_WatchdogTriesAgain()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        Put("a");
        bool hung = false;
        Server.Intercept = async (context, request) =>
        {
            if (!request.IsList || hung)
            {
                return false;
            }

            hung = true;
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        };
        SharedInformer<V1ConfigMap> informer = Create(time: clock);
        Run(informer);

        await clock.AdvanceUntilAsync(informer.WaitForSyncAsync(CancellationToken.None), TimeSpan.FromSeconds(10));
        Assert.Equal(1, informer.Count);
    }

    [Fact]
    public async Task ServerErrors_BackOffAndRecover()
    {
        int failures = 0;
        Server.Intercept = (context, _) =>
        {
            bool fail = failures < 5;
            if (fail)
            {
                failures++;
                context.Response.StatusCode = 500;
            }

            return Task.FromResult(fail);
        };
        Put("a");

        SharedInformer<V1ConfigMap> informer = await StartAsync();
        Assert.Equal(1, informer.Count);
        Assert.Equal(5, failures);
    }

    [Fact]
    public async Task MalformedObjects_AreReportedAndBlockNothing()
    {
        Put("good");
        Server.Put(Collection, "bad", o => o["data"] = new JsonArray("not", "a", "map"));
        SharedInformer<V1ConfigMap> informer = await StartAsync();

        Assert.Equal(Key("bad"), Assert.Single(Malformed.Items).Key);
        Assert.NotNull(informer.Get(Key("good")));
        await WatchAsync();
        Server.Put(Collection, "worse", o => o["immutable"] = "perhaps");
        Put("later");
        await Events.FirstAsync(e => e.Key == Key("later"));

        Assert.Contains(Malformed.Items, m => m.Key == Key("worse") && m.Error is System.Text.Json.JsonException);
        Assert.Single(Server.Requests.Items, r => r.IsWatch);
    }

    [Fact]
    public async Task MalformedObject_KeepsItsLastReadableVersionAcrossARelistAndCanBeDeleted()
    {
        Put("a");
        SharedInformer<V1ConfigMap> informer = await StartAsync();
        await WatchAsync();
        Server.Put(Collection, "a", o => o["data"] = "broken");
        await Malformed.FirstAsync(m => m.Key == Key("a"));
        foreach (ApiWatcher watcher in Server.Watchers())
        {
            watcher.Silent = true;
        }

        Server.Tick();
        Server.Compact();
        Server.Watchers()[0].Abort();
        await Malformed.NthAsync(2, m => m.Key == Key("a"));
        await WatchAsync(3);

        Assert.Equal("1", informer.Get(Key("a"))!.Data["value"]);
        Server.Delete(Collection, "a");
        await Events.FirstAsync(e => e.Kind == InformerEventKind.Deleted);
        Assert.Null(informer.Get(Key("a")));
    }

    [Fact]
    public async Task RecreatedWhileAway_ShowsDeleteThenAdd()
    {
        Put("a");
        await StartAsync();
        await WatchAsync();
        Server.Watchers()[0].Silent = true;
        Server.Delete(Collection, "a");
        Put("a", "new");
        Server.Compact();
        Server.Watchers()[0].Abort();

        await Events.FirstAsync(e => e.Kind == InformerEventKind.Added && e.New!.Data["value"] == "new");
        Assert.Equal(
            [InformerEventKind.Added, InformerEventKind.Deleted, InformerEventKind.Added],
            Events.Items.Select(e => e.Kind));
    }
}
