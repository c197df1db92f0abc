using AttentionOperator.Gateway.Admission;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace AttentionOperator.Gateway.Tests.Admission;

public sealed class TenantBudgetTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);

    [Fact]
    public void ABurst_NeverReservesMoreThanTheBound()
    {
        var budget = new TenantBudget(_time);
        var limits = new TenantLimits(null, 1000, null);
        var admitted = 0;
        Parallel.For(0, 100, _ =>
        {
            if (budget.Reserve(limits, 90) is null) Interlocked.Increment(ref admitted);
        });
        Assert.Equal(11, admitted);
    }

    [Fact]
    public void WhoWaitsAsLongAsTold_IsAdmitted_AndNotBefore() =>
        Gen.Select(Gen.Int[1, 500], Gen.Int[1, 600], Gen.Int[1, 600]).Sample((perMinute, first, second) =>
        {
            var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
            var budget = new TenantBudget(time);
            var limits = new TenantLimits(null, perMinute, null);
            Assert.Null(budget.Reserve(limits, first));
            if (budget.Reserve(limits, second) is not { } refusal) return;
            time.Advance(refusal.RetryAfter!.Value - TimeSpan.FromMilliseconds(1));
            if (refusal.RetryAfter > TimeSpan.FromMilliseconds(2)) Assert.NotNull(budget.Reserve(limits, second));
            time.Advance(TimeSpan.FromMilliseconds(2));
            Assert.Null(budget.Reserve(limits, second));
        });

    [Fact]
    public void WhatWasNotUsed_ComesBack()
    {
        var budget = new TenantBudget(_time);
        var limits = new TenantLimits(null, 1000, 1);
        Assert.Null(budget.Reserve(limits, 900));
        Assert.Equal("ConcurrencyLimit", budget.Reserve(limits, 1)!.Reason);
        budget.Reconcile(900, 100);
        Assert.Equal(900, budget.State().Tokens!.Value.Remaining);
        Assert.Equal(TimeSpan.FromSeconds(6), budget.State().Tokens!.Value.Reset);
    }

    [Fact]
    public void ARequestLargerThanTheBound_RunsOnce_AndLeavesADebt()
    {
        var budget = new TenantBudget(_time);
        var limits = new TenantLimits(null, 100, null);
        Assert.Null(budget.Reserve(limits, 250));
        Assert.Equal(TimeSpan.FromMinutes(1.51), budget.Reserve(limits, 1)!.RetryAfter);
    }

    [Fact]
    public void Requests_AreBoundedToo_AndARefusalTakesNothing()
    {
        var budget = new TenantBudget(_time);
        var limits = new TenantLimits(2, 100, null);
        Assert.Null(budget.Reserve(limits, 1));
        Assert.Equal("TokenLimit", budget.Reserve(limits, 100)!.Reason);
        Assert.Null(budget.Reserve(limits, 1));
        Assert.Equal(("RequestLimit", TimeSpan.FromSeconds(30)), budget.Reserve(limits, 1) is { } e ? (e.Reason, e.RetryAfter) : default);
    }

    [Fact]
    public void AChangedBound_KeepsWhatIsUsed()
    {
        var budget = new TenantBudget(_time);
        Assert.Null(budget.Reserve(new TenantLimits(null, 100, null), 80));
        Assert.NotNull(budget.Reserve(new TenantLimits(null, 50, null), 10));
        Assert.Null(budget.Reserve(new TenantLimits(null, 200, null), 100));
    }

    [Fact]
    public void ReplicasShareABound_WithoutExceedingIt() =>
        Assert.Equal(new TenantLimits(33, 1, 1), new TenantLimits(100, 2, 3).Over(3));
}
