using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Tests.Support;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace AttentionOperator.Kube.Tests.Informers;

/// <summary>Lists that come as a stream of events, and servers that have none.</summary>
public sealed class StreamingListTests : InformerTestBase
{
    [Fact]
    public async Task StreamingList_FillsTheCacheAndGoesOnAsTheWatch()
    {
        Server.SupportsStreamingList = true;
        Put("a");
        SharedInformer<V1ConfigMap> informer = await StartAsync(Options(streaming: true));
        Put("b");
        await Events.FirstAsync(e => e.Key == Key("b") && !e.IsInitial);

        Assert.Equal(2, informer.Count);
        RecordedRequest only = Assert.Single(Server.Requests.Items);
        Assert.True(only.IsStreamingList);
    }

    [Fact]
    public async Task StreamingList_AfterExpiry_SynthesizesDeletes()
    {
        Server.SupportsStreamingList = true;
        Put("a");
        Put("b");
        SharedInformer<V1ConfigMap> informer = await StartAsync(Options(streaming: true));
        Server.Watchers()[0].Silent = true;
        Server.Delete(Collection, "a");
        Server.Compact();
        Server.Watchers()[0].Abort();

        InformerEvent<V1ConfigMap> deleted = await Events.FirstAsync(e => e.Kind == InformerEventKind.Deleted);
        Assert.Equal(Key("a"), deleted.Key);
        Assert.DoesNotContain(Server.Requests.Items, r => r.IsList);
        Assert.Equal(1, informer.Count);
    }

    [Fact]
    public async Task StreamingList_Refused_FallsBackToPagesAndAsksNoMore()
    {
        Put("a");
        SharedInformer<V1ConfigMap> informer = await StartAsync(Options(streaming: true));
        await WatchAsync();
        Server.Compact();
        Server.Tick();
        Server.Compact();
        Server.Watchers()[0].Abort();
        await Server.Requests.NthAsync(2, r => r.IsList);

        Assert.Single(Server.Requests.Items, r => r.IsStreamingList);
        Assert.Equal(1, informer.Count);
    }

    [Fact]
    public async Task StreamingList_IgnoredByTheServer_FallsBackAfterItsPatience()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        Server.IgnoresStreamingList = true;
        Put("a");
        SharedInformer<V1ConfigMap> informer = Create(Options(streaming: true), clock);
        Run(informer);

        await clock.AdvanceUntilAsync(informer.WaitForSyncAsync(CancellationToken.None), TimeSpan.FromSeconds(2));
        Assert.Equal(1, informer.Count);
    }
}
