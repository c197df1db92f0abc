using System.Text.Json.Nodes;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Kube.Queues;
using AttentionOperator.Kube.Tests.Support;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AttentionOperator.Kube.Tests.Informers;

/// <summary>What the cache offers its readers.</summary>
public sealed class InformerCacheTests : InformerTestBase
{
    [Fact]
    public async Task Indexes_FollowOwnersAndLabels()
    {
        SharedInformer<V1ConfigMap> informer = Create();
        informer.AddLabelIndex("app");
        Run(informer);
        await informer.WaitForSyncAsync(CancellationToken.None);
        for (int i = 0; i < 40; i++)
        {
            Server.Put(Collection, $"o{i}", o =>
            {
                o["metadata"]!["labels"] = new JsonObject { ["app"] = "x" };
                o["metadata"]!["ownerReferences"] = new JsonArray(new JsonObject { ["apiVersion"] = "v1", ["kind"] = "K", ["name"] = "p", ["uid"] = $"owner{i % 20}" });
            });
        }

        await Events.FirstAsync(e => e.Key == Key("o39"));
        Assert.Equal(40, informer.ByIndex("label:app", "x").Count);
        Assert.Equal(["o3", "o23"], informer.ByIndex(IndexNames.Owner, "owner3").Select(o => o.Metadata.Name));

        Server.Put(Collection, "o3", o => o["metadata"]!["labels"] = new JsonObject { ["app"] = "y" });
        Server.Delete(Collection, "o23");
        await Events.FirstAsync(e => e.Kind == InformerEventKind.Deleted);
        Assert.Equal(38, informer.ByIndex("label:app", "x").Count);
        Assert.Equal(["o3"], informer.ByIndex("label:app", "y").Select(o => o.Metadata.Name));
        Assert.Equal(["o3"], informer.ByIndex(IndexNames.Owner, "owner3").Select(o => o.Metadata.Name));
        Assert.Throws<ArgumentException>(() => informer.ByIndex("nothing", "x"));
    }

    [Fact]
    public async Task Handlers_LateOneSeesEverything_ThrowingOneHarmsNobody()
    {
        Put("a");
        SharedInformer<V1ConfigMap> informer = Create();
        informer.AddHandler(_ => throw new InvalidOperationException("a handler's bug"));
        Run(informer);
        await informer.WaitForSyncAsync(CancellationToken.None);
        Put("b");
        await Events.FirstAsync(e => e.Key == Key("b"));

        var late = new Observed<InformerEvent<V1ConfigMap>>();
        IDisposable registration = informer.AddHandler(late.Add);
        Assert.Equal(2, late.Items.Count);
        Assert.All(late.Items, e => Assert.True(e.IsInitial));
        registration.Dispose();
        Put("c");
        await Events.FirstAsync(e => e.Key == Key("c"));
        Assert.Equal(2, late.Items.Count);
    }

    [Fact]
    public async Task Resync_ShowsEverythingAgainInTheBackground()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        Put("a");
        await StartAsync(Options(resync: TimeSpan.FromMinutes(10)), clock);

        clock.Advance(TimeSpan.FromMinutes(10));

        InformerEvent<V1ConfigMap> shown = await Events.FirstAsync(e => e.Kind == InformerEventKind.Resync);
        Assert.Equal(WorkPriority.Background, shown.Priority);
    }

    [Fact]
    public async Task Json_KeepsCompactObjectsAndWhatTheManagerOwns()
    {
        Server.Put(Collection, "a", o =>
        {
            o["data"] = new JsonObject { ["x"] = "1" };
            o["metadata"]!["managedFields"] = new JsonArray(
                new JsonObject { ["manager"] = "other", ["operation"] = "Update", ["fieldsV1"] = new JsonObject { ["f:data"] = new JsonObject { ["f:y"] = new JsonObject() } } },
                new JsonObject { ["manager"] = "me", ["operation"] = "Apply", ["fieldsV1"] = new JsonObject { ["f:data"] = new JsonObject { ["f:x"] = new JsonObject() } } });
        });
        var informer = new SharedInformer<KubeObject>(Connection, ApiServer.ConfigMaps, new KubeObjectCodec(ApiServer.ConfigMaps, "me"), new InformerOptions<KubeObject> { StreamingList = false }, NullLogger.Instance);
        Run(informer);
        await informer.WaitForSyncAsync(CancellationToken.None);

        KubeObject a = informer.Get(Key("a"))!;
        Assert.Equal("""{"f:data":{"f:x":{}}}""", System.Text.Encoding.UTF8.GetString(a.OwnedFields.Span));
        Assert.DoesNotContain("managedFields", System.Text.Encoding.UTF8.GetString(a.Json.Span), StringComparison.Ordinal);
        Assert.Equal("1", a.As<V1ConfigMap>().Data["x"]);
    }

    [Fact]
    public async Task Selectors_AndAllNamespaces_ReachTheServer()
    {
        Put("a");
        Server.Put("/api/v1/namespaces/other/configmaps", "b");
        SharedInformer<V1ConfigMap> informer = await StartAsync(Options(ns: "", labels: "app in (x,y)"));
        await WatchAsync();

        Assert.NotNull(informer.Get(new ObjectKey("other", "b")));
        Assert.All(Server.Requests.Items, r => Assert.Contains("labelSelector=app%20in%20%28x%2Cy%29", r.Query, StringComparison.Ordinal));
        Assert.All(Server.Requests.Items, r => Assert.Equal("/api/v1/configmaps", r.Path));
    }
}
