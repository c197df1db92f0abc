using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Sli;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Gateway.Hosting;
using AttentionOperator.Gateway.Queueing;
using AttentionOperator.Gateway.Routing;
using AttentionOperator.Gateway.Slis;
using AttentionOperator.Kube.Objects;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace AttentionOperator.Gateway.Tests.Hosting;

/// <summary>What the operator scales by: who waits for which revision, and how many tokens are there.</summary>
public sealed class LoadSnapshotTests : IDisposable
{
    private static readonly ObjectKey Model = new("ns", "m");
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);
    private readonly RoutingTableSource _source = new("ns");
    private readonly SliRegistry _slis;
    private readonly QueueRegistry _queues;
    private readonly LoadSnapshot _load;

    public LoadSnapshotTests()
    {
        _slis = new SliRegistry(_time);
        _queues = new QueueRegistry(_source, _slis, new QueueLimits(), _time);
        _load = new LoadSnapshot(_slis, _queues, _source);
    }

    [Fact]
    public async Task WhatRunsAndWaits_IsToldByRevision_AlsoWhereNothingWasCountedYet()
    {
        Route(("a", 50), ("b", 50));
        var running = new[] { await Enter(tokens: 100), await Enter(tokens: 30) };
        Assert.Equal(["a", "b"], running.Select(p => p.Placement!.Revision.Revision));
        _slis.For(Model).Revision("a").Begin();
        var waiting = Enumerable.Range(0, 4).Select(_ => Enter(tokens: 7).AsTask()).ToList();

        _time.Advance(TimeSpan.FromSeconds(1)); // The queue looks at those behind the first one.

        var model = Take();
        Assert.Equal(4, model.Queued);
        // b has no counters: nobody was served by it yet.
        Assert.Equal([("a", 2L, 100L), ("b", 2L, 30L)], model.Revisions.Select(r => (r.Revision, r.Queued, r.InFlightTokens)));
        Assert.Equal(1, model.Revisions[0].InFlight);

        foreach (var placed in running) placed.Placement!.Dispose();
        foreach (var placed in await Task.WhenAll(waiting.Take(2))) placed.Placement!.Dispose();
        foreach (var placed in await Task.WhenAll(waiting.Skip(2))) placed.Placement!.Dispose();
        Assert.Equal((0L, 0L, 0L), (Take().Queued, Take().Revisions.Sum(r => r.Queued), Take().Revisions.Sum(r => r.InFlightTokens)));
    }

    [Fact]
    public async Task WhatWaitsForAModelWithoutReplicas_IsCounted()
    {
        Route();
        using var leave = new CancellationTokenSource();
        var waiting = _queues.For(Model).EnterAsync(Ticket(5), null, TimeSpan.FromSeconds(5), leave.Token).AsTask();
        var model = Take();
        Assert.Equal(1, model.Queued);
        Assert.Empty(model.Revisions);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(0, Take().Queued);
    }

    [Fact]
    public void AModelThatIsNotRouted_HasItsCountersOnly()
    {
        _slis.For(Model).Revision("a").Begin();
        Assert.Equal(("a", 1L, 0L, 0L), Assert.Single(Take().Revisions.Select(r => (r.Revision, r.InFlight, r.Queued, r.InFlightTokens))));
    }

    public void Dispose() => _queues.Dispose();

    private ModelSli Take() => Assert.Single(_load.Take().Models);

    private QueueTicket Ticket(long tokens) => new() { Tokens = tokens, WaitUntil = _time.GetUtcNow() + TimeSpan.FromMinutes(1) };

    private ValueTask<(Placement? Placement, QueueRefusal Refusal)> Enter(long tokens) => _queues.For(Model).EnterAsync(Ticket(tokens), null, TimeSpan.FromSeconds(5), default);

    private void Route(params (string Revision, int Weight)[] traffic)
    {
        var model = new AttentionModel
        {
            Metadata = new V1ObjectMeta { Name = Model.Name, NamespaceProperty = Model.Namespace },
            Spec = new AttentionModelSpec { Batching = new BatchingSpec { MaxSequences = 1 } },
            Status = new AttentionModelStatus { Traffic = [.. traffic.Select(t => new TrafficTarget { Revision = t.Revision, Weight = t.Weight })] },
        };
        var slices = traffic.Select((t, i) => new V1EndpointSlice
        {
            Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { [LabelNames.Revision] = t.Revision } },
            Endpoints = [new V1Endpoint { Addresses = [$"10.0.0.{i + 1}"], Conditions = new V1EndpointConditions { Ready = true } }],
        }).ToList();
        _source.Apply(Model, () => model, () => slices);
    }
}
