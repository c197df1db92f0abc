using AttentionOperator.Kube.Leases;
using AttentionOperator.Kube.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AttentionOperator.Kube.Tests.Leases;

public sealed class LeaseElectorTests : IAsyncDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(500);
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly MemoryLease lease = new();
    private readonly List<Candidate> candidates = [];

    public async ValueTask DisposeAsync()
    {
        foreach (Candidate candidate in candidates)
        {
            candidate.Line.Hangs = false;
            await candidate.Stop.CancelAsync();
        }

        await clock.AdvanceUntilAsync(Task.WhenAll(candidates.Select(c => c.Run)), Step);
    }

    [Fact]
    public async Task NoLease_IsCreatedAndLed()
    {
        Candidate a = Start("a");
        await clock.AdvanceUntilAsync(a.Terms.FirstAsync(_ => true), Step);
        Assert.Equal("a", lease.State!.Record.Holder);
        Assert.Equal(TimeSpan.FromSeconds(15), lease.State.Record.Duration);
        Assert.True(a.Elector.IsLeader);
    }

    [Fact]
    public async Task TwoCandidates_OneLeads_TheOtherWaitsHowLongItMayTake()
    {
        Candidate a = Start("a");
        await clock.AdvanceUntilAsync(a.Terms.FirstAsync(_ => true), Step);
        Candidate b = Start("b");
        await AdvanceAsync(TimeSpan.FromMinutes(3));
        Assert.Empty(b.Terms.Items);
        Assert.Single(a.Terms.Items);
        Assert.Equal("a", b.Elector.Holder);
    }

    [Fact]
    public async Task Exit_ReleasesTheLease_SoThatTheNextLeadsWithinARetryPeriod()
    {
        Candidate a = Start("a");
        await clock.AdvanceUntilAsync(a.Terms.FirstAsync(_ => true), Step);
        Candidate b = Start("b");
        await AdvanceAsync(TimeSpan.FromSeconds(6));

        await a.Stop.CancelAsync();
        await clock.AdvanceUntilAsync(a.Run, Step);
        DateTimeOffset released = clock.GetUtcNow();
        await clock.AdvanceUntilAsync(b.Terms.FirstAsync(_ => true), Step);

        Assert.True(clock.GetUtcNow() - released < TimeSpan.FromSeconds(6), "b waited for the lease to run out");
        Assert.Equal("b", lease.State!.Record.Holder);
        Assert.True(b.Terms.Items[0].Number > a.Terms.Items[0].Number);
    }

    [Fact]
    public async Task Exit_KeepsTheLeaseUntilTheWorkHasStopped()
    {
        var finish = new TaskCompletionSource();
        Candidate a = Start("a", term => finish.Task);
        await clock.AdvanceUntilAsync(a.Terms.FirstAsync(_ => true), Step);
        await a.Stop.CancelAsync();
        await AdvanceAsync(TimeSpan.FromSeconds(40));
        Assert.Equal("a", lease.State!.Record.Holder);
        Assert.True(clock.GetUtcNow() - lease.State.Record.RenewedAt < TimeSpan.FromSeconds(5), "the lease was not renewed while the work stopped");

        finish.SetResult();
        await clock.AdvanceUntilAsync(a.Run, Step);
        Assert.Equal("", lease.State!.Record.Holder);
    }

    [Fact]
    public async Task LineDown_TermEndsAtTheRenewDeadline_BeforeAnotherMayStart()
    {
        Candidate a = Start("a");
        await clock.AdvanceUntilAsync(a.Terms.FirstAsync(_ => true), Step);
        Candidate b = Start("b");
        await AdvanceAsync(TimeSpan.FromSeconds(4));
        a.Line.Down = true;
        DateTimeOffset lastRenewal = lease.State!.Record.RenewedAt;

        await clock.AdvanceUntilAsync(a.Ended.FirstAsync(_ => true), Step);
        Assert.InRange(clock.GetUtcNow() - lastRenewal, TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(11));
        Assert.Empty(b.Terms.Items);

        await clock.AdvanceUntilAsync(b.Terms.FirstAsync(_ => true), Step);
        Assert.True(clock.GetUtcNow() - lastRenewal >= TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task HangingRequest_DoesNotKeepTheTermAlive()
    {
        Candidate a = Start("a");
        await clock.AdvanceUntilAsync(a.Terms.FirstAsync(_ => true), Step);
        a.Line.Hangs = true;
        DateTimeOffset lastRenewal = lease.State!.Record.RenewedAt;
        await clock.AdvanceUntilAsync(a.Ended.FirstAsync(_ => true), Step);
        Assert.InRange(clock.GetUtcNow() - lastRenewal, TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(11));
    }

    [Fact]
    public async Task ShortOutage_IsSurvived()
    {
        Candidate a = Start("a");
        await clock.AdvanceUntilAsync(a.Terms.FirstAsync(_ => true), Step);
        a.Line.Down = true;
        await AdvanceAsync(TimeSpan.FromSeconds(6));
        a.Line.Down = false;
        await AdvanceAsync(TimeSpan.FromSeconds(30));
        Assert.Single(a.Terms.Items);
        Assert.Empty(a.Ended.Items);
    }

    [Fact]
    public async Task AnotherHolderSeen_EndsTheTermAtOnce_AndWeContendAgain()
    {
        Candidate a = Start("a");
        await clock.AdvanceUntilAsync(a.Terms.FirstAsync(_ => true), Step);
        LeaseRecord record = lease.State!.Record;
        lease.Set(record with { Holder = "thief", RenewedAt = clock.GetUtcNow(), Transitions = record.Transitions + 1 });
        await clock.AdvanceUntilAsync(a.Ended.FirstAsync(_ => true), Step);
        Assert.False(a.Elector.IsLeader);
        Assert.Equal("thief", lease.State!.Record.Holder);

        await clock.AdvanceUntilAsync(a.Terms.NthAsync(2, _ => true), Step);
        Assert.Equal("a", lease.State!.Record.Holder);
    }

    [Fact]
    public async Task RecordsOwnDuration_IsHonouredNotOurs()
    {
        lease.Set(new LeaseRecord("slow", TimeSpan.FromSeconds(120), clock.GetUtcNow(), clock.GetUtcNow(), 3));
        Candidate a = Start("a");
        await AdvanceAsync(TimeSpan.FromSeconds(110));
        Assert.Empty(a.Terms.Items);
        await clock.AdvanceUntilAsync(a.Terms.FirstAsync(_ => true), Step);
        Assert.Equal(4, a.Terms.Items[0].Number);
    }

    [Fact]
    public async Task LongExpiredLease_IsTakenAtOnce()
    {
        lease.Set(new LeaseRecord("dead", TimeSpan.FromSeconds(15), clock.GetUtcNow().AddDays(-1), clock.GetUtcNow().AddHours(-1), 3));
        Candidate a = Start("a");
        await a.Terms.FirstAsync(_ => true);
        Assert.Equal("a", lease.State!.Record.Holder);
    }

    [Fact]
    public async Task HolderWhoseClockIsBehind_IsNotRobbedWhileItRenews()
    {
        // Held before anybody contends: a candidate that finds no lease may create it.
        Renew();
        Candidate a = Start("a");
        for (int i = 0; i < 60; i++)
        {
            await AdvanceAsync(TimeSpan.FromSeconds(2));
            Renew();
        }

        Assert.Empty(a.Terms.Items);

        void Renew() => lease.Set(new LeaseRecord("behind", TimeSpan.FromSeconds(15), clock.GetUtcNow().AddSeconds(-10), clock.GetUtcNow().AddSeconds(-10), 3));
    }

    [Fact]
    public async Task WorkThatEndsOrThrows_GivesTheLeaseBack()
    {
        Candidate a = Start("a", _ => throw new InvalidOperationException("the work failed"));
        await clock.AdvanceUntilAsync(a.Run.ContinueWith(_ => { }, TaskScheduler.Default), Step);
        Assert.IsType<InvalidOperationException>(a.Run.Exception!.InnerException);
        Assert.Equal("", lease.State!.Record.Holder);
        candidates.Remove(a);

        Candidate b = Start("b", _ => Task.CompletedTask);
        await clock.AdvanceUntilAsync(b.Run, Step);
        Assert.Equal("", lease.State!.Record.Holder);
    }

    [Fact]
    public void Options_ThatCouldGiveTwoLeaders_AreRefused()
    {
        var elector = new LeaseElector(lease.Connect(), new LeaseOptions { Identity = "a", LeaseDuration = TimeSpan.FromSeconds(10) }, NullLogger<LeaseElector>.Instance);
        Assert.Throws<ArgumentException>(() => elector.RunAsync(_ => Task.CompletedTask, CancellationToken.None).GetAwaiter().GetResult());
    }

    private async Task AdvanceAsync(TimeSpan time)
    {
        DateTimeOffset end = clock.GetUtcNow() + time;
        while (clock.GetUtcNow() < end)
        {
            clock.Advance(Step);
            await Task.Delay(2);
        }
    }

    private Candidate Start(string name, Func<LeaderTerm, Task>? work = null)
    {
        var candidate = new Candidate(name, lease.Connect(), clock, work);
        candidates.Add(candidate);
        return candidate;
    }

    private sealed class Candidate
    {
        public Candidate(string name, MemoryLease.Line line, TimeProvider time, Func<LeaderTerm, Task>? work)
        {
            Line = line;
            Elector = new LeaseElector(line, new LeaseOptions { Identity = name }, NullLogger<LeaseElector>.Instance, null, null, time, new Random(name[0]));
            Run = Elector.RunAsync(
                term =>
                {
                    Terms.Add(term);
                    term.Token.Register(() => Ended.Add(term));
                    return work is null ? Task.Delay(Timeout.Infinite, term.Token) : work(term);
                },
                Stop.Token);
        }

        public MemoryLease.Line Line { get; }

        public LeaseElector Elector { get; }

        public CancellationTokenSource Stop { get; } = new();

        public Observed<LeaderTerm> Terms { get; } = new();

        public Observed<LeaderTerm> Ended { get; } = new();

        public Task Run { get; }
    }
}
