using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Gateway.Queueing;
using AttentionOperator.Gateway.Routing;
using AttentionOperator.Gateway.Slis;
using AttentionOperator.Kube.Objects;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace AttentionOperator.Gateway.Tests.Queueing;

/// <summary>Starts are measured from requests and routes, also of requests that gave up before the replica was there.</summary>
public sealed class ColdStartRouteTests
{
    private static readonly ObjectKey Model = new("ns", "m");
    private static readonly TimeSpan Otherwise = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task WhoComesWhileTheModelStartsAgain_IsToldWhatItsLastStartTook()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        var source = new RoutingTableSource("ns");
        using var queues = new QueueRegistry(source, new SliRegistry(time), new QueueLimits(), time);
        Route(source, ready: false);
        var queue = queues.For(Model);
        await RefusedAsync();
        Assert.Equal(Otherwise, queue.ColdStarts.RetryAfter(Otherwise));
        time.Advance(TimeSpan.FromSeconds(45));
        Route(source, ready: true);
        time.Advance(TimeSpan.FromHours(1));
        Route(source, ready: false);
        await RefusedAsync();
        time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(TimeSpan.FromSeconds(30), queue.ColdStarts.RetryAfter(Otherwise));

        async Task RefusedAsync() =>
            Assert.Equal((null, QueueRefusal.NoReadyReplica), await queue.EnterAsync(new QueueTicket { WaitUntil = time.GetUtcNow() }, null, TimeSpan.FromSeconds(5), default));
    }

    private static void Route(RoutingTableSource source, bool ready)
    {
        var model = new AttentionModel
        {
            Metadata = new V1ObjectMeta { Name = Model.Name, NamespaceProperty = Model.Namespace },
            Spec = new AttentionModelSpec { Scaling = new ScalingSpec { MinReplicas = 0, MaxReplicas = 1 } },
            Status = new AttentionModelStatus { Traffic = [new TrafficTarget { Revision = "a", Weight = 100 }] },
        };
        var slice = new V1EndpointSlice
        {
            Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { [LabelNames.Revision] = "a" } },
            Endpoints = [new V1Endpoint { Addresses = ["10.0.0.1"], Conditions = new V1EndpointConditions { Ready = ready } }],
        };
        source.Apply(Model, () => model, () => [slice]);
    }
}
