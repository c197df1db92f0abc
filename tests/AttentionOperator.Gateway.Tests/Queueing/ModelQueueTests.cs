using System.Collections.Immutable;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Gateway.Queueing;
using AttentionOperator.Gateway.Routing;
using AttentionOperator.Gateway.Slis;
using AttentionOperator.Kube.Objects;
using Microsoft.Extensions.Time.Testing;

namespace AttentionOperator.Gateway.Tests.Queueing;

public sealed class ModelQueueTests
{
    private static readonly ObjectKey Model = new("ns", "m");
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);
    private readonly RoutingTable _table = new("ns");
    private readonly RuntimeEndpoint _endpoint = new("10.0.0.1", 8000, "pod");
    private readonly ModelQueue _queue;

    public ModelQueueTests()
    {
        Route(slots: 1, _endpoint);
        _queue = new ModelQueue(Model, _table, new SliRegistry(_time), new QueueLimits(), _time);
    }

    [Fact]
    public async Task HigherClasses_GoFirst_WhateverTheOrder()
    {
        var running = await Placed(Enter(RequestClass.Batch));
        var batch = Enter(RequestClass.Batch);
        var standard = Enter(RequestClass.Standard);
        var interactive = Enter(RequestClass.Interactive);
        running.Dispose();
        var first = await Placed(interactive);
        Assert.False(standard.IsCompleted);
        first.Dispose();
        var second = await Placed(standard);
        Assert.False(batch.IsCompleted);
        second.Dispose();
        (await Placed(batch)).Dispose();
        Assert.Equal((0, 0), (_queue.Waiting, _endpoint.InFlight));
    }

    [Fact]
    public async Task WhatStarves_GetsATurn()
    {
        var running = await Placed(Enter(RequestClass.Interactive));
        var batch = Enter(RequestClass.Batch);
        _time.Advance(TimeSpan.FromSeconds(21));
        var turns = 0;
        while (true)
        {
            var next = Enter(RequestClass.Interactive);
            running.Dispose();
            var first = await Task.WhenAny(batch, next);
            if (first == batch) break;
            running = await Placed(next);
            Assert.True(++turns <= 8);
        }
    }

    [Fact]
    public async Task AReplicaThatBecomesReady_TakesWhatWaits()
    {
        Route(slots: 1);
        var waiting = Enter(RequestClass.Standard);
        Assert.False(waiting.IsCompleted);
        Route(slots: 1, _endpoint);
        _queue.Pump();
        Assert.Same(_endpoint, (await Placed(waiting)).Endpoint);
    }

    [Fact]
    public async Task AReplicaThatRefuses_IsLeftAlone_ForAsLongAsItSaid()
    {
        _endpoint.Refused(_time.GetUtcNow(), TimeSpan.FromSeconds(2));
        var waiting = Enter(RequestClass.Standard);
        _queue.Pump();
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(2));
        _queue.Pump();
        (await Placed(waiting)).Dispose();
    }

    [Fact]
    public async Task WhoWaitedLongEnough_IsToldWhy()
    {
        var running = await Placed(Enter(RequestClass.Standard));
        var saturated = Enter(RequestClass.Standard);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((null, QueueRefusal.Saturated), await saturated);
        running.Dispose();
        Route(slots: 1);
        var none = Enter(RequestClass.Standard);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((null, QueueRefusal.NoReadyReplica), await none);
        Assert.Equal(0, _queue.Waiting);
    }

    [Fact]
    public async Task ADeletedModel_EndsTheWait_ForAll()
    {
        Route(slots: 1);
        var waiting = Enumerable.Range(0, 40).Select(_ => Enter(RequestClass.Standard)).ToList();
        _table.Set(Model, null);
        _queue.Pump();
        foreach (var each in waiting) Assert.Equal((null, QueueRefusal.ModelGone), await each);
    }

    [Fact]
    public async Task WhoLeaves_HoldsNothing()
    {
        var running = await Placed(Enter(RequestClass.Standard));
        using var leave = new CancellationTokenSource();
        var gone = Enter(RequestClass.Standard, leave.Token);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        running.Dispose();
        Assert.Equal((0, 0), (_queue.Waiting, _endpoint.InFlight));
    }

    [Fact]
    public async Task RetryAfter_FollowsTheRate_AtWhichSlotsBecomeFree()
    {
        var running = await Placed(Enter(RequestClass.Standard));
        _time.Advance(TimeSpan.FromHours(1));
        for (var i = 0; i < 20; i++)
        {
            var next = Enter(RequestClass.Standard);
            _time.Advance(TimeSpan.FromSeconds(2));
            running.Dispose();
            running = await Placed(next);
        }

        for (var i = 0; i < 4; i++) _ = Enter(RequestClass.Standard);
        Assert.InRange(_queue.RetryAfter(), TimeSpan.FromSeconds(9.5), TimeSpan.FromSeconds(10.5));
    }

    [Fact]
    public async Task AFullCanary_DoesNotHoldUpTheOthers()
    {
        var canary = new RuntimeEndpoint("10.0.0.2", 8000, "canary");
        _table.Set(Model, new ModelRoute("ns", "m", new AttentionModelSpec { Batching = new BatchingSpec { MaxSequences = 1 } }, [new RevisionRoute("a", 50, [_endpoint]), new RevisionRoute("b", 50, [canary])]));
        var onStable = await Placed(Enter(RequestClass.Standard));
        using var onCanary = await Placed(Enter(RequestClass.Standard));
        Assert.Equal(("a", "b"), (onStable.Revision.Revision, onCanary.Revision.Revision));
        var waiting = Enumerable.Range(0, 6).Select(_ => Enter(RequestClass.Standard)).ToList();
        for (var i = 0; i < 3; i++)
        {
            onStable.Dispose();
            var next = await Task.WhenAny(waiting);
            waiting.Remove(next);
            onStable = await Placed(next);
            Assert.Equal("a", onStable.Revision.Revision);
        }
    }

    private void Route(int slots, params ImmutableArray<RuntimeEndpoint> endpoints) =>
        _table.Set(Model, new ModelRoute("ns", "m", new AttentionModelSpec { Batching = new BatchingSpec { MaxSequences = slots } }, [new RevisionRoute("r", 100, endpoints)]));

    private Task<(Placement? Placement, QueueRefusal Refusal)> Enter(RequestClass @class, CancellationToken cancellation = default) =>
        _queue.EnterAsync(new QueueTicket { Class = @class, Tokens = 10, WaitUntil = _time.GetUtcNow() + TimeSpan.FromMinutes(1) }, null, TimeSpan.FromSeconds(5), cancellation).AsTask();

    private static async Task<Placement> Placed(Task<(Placement? Placement, QueueRefusal Refusal)> entering) =>
        (await entering.WaitAsync(TimeSpan.FromMinutes(1))).Placement ?? throw new InvalidOperationException("It was refused.");
}
