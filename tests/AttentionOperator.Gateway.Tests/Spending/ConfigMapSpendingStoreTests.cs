using AttentionOperator.Gateway.Spending;
using AttentionOperator.Kube.Client;
using AttentionOperator.Sandbox.Api;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AttentionOperator.Gateway.Tests.Spending;

/// <summary>Budgets that outlive gateways, over the Kubernetes API.</summary>
public sealed class ConfigMapSpendingStoreTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 26, 10, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task WhatGatewaysAddAtTheSameTime_IsAllThere_AlsoForOneThatStartsLater()
    {
        var kubeConfig = Path.GetTempFileName();
        await using var server = await SandboxApiServer.StartAsync();
        await File.WriteAllTextAsync(kubeConfig, server.KubeConfig);
        using var connection = KubeConnection.Create(new KubeConnectionOptions { KubeConfig = kubeConfig, QueriesPerSecond = 0 });
        var store = new ConfigMapSpendingStore(new KubeApi(connection, "test"), "default", _time);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async gateway =>
        {
            for (var i = 0; i < 5; i++) await store.AddAsync(Record("2026-11-26", "t", 10), default);
        }));
        Assert.Equal(new Spent(200, 2), (await store.AddAsync(new SpendingRecord(), default)).Of("2026-11-26", "t"));

        var ledger = new SpendingLedger(_time);
        var sync = new SpendingSync(ledger, store, _time, NullLogger<SpendingSync>.Instance);
        await sync.ExchangeAsync(default);
        var limits = Admission.TenantLimitsOf(tokensPerDay: 205);
        Assert.Equal("DailyBudget", ledger.Reserve("t", limits, new Spent(6, 0))!.Reason);
        Assert.Null(ledger.Reserve("t", limits, new Spent(5, 0)));
        ledger.Settle("t", new Spent(5, 0), new Spent(5, 0));
        await sync.StopAsync(default);
        Assert.Equal(new Spent(205, 2), (await store.AddAsync(new SpendingRecord(), default)).Of("2026-11-26", "t"));

        // The day is over: its numbers go, the month's stay.
        await store.AddAsync(Record("2026-11", "t", 7), default);
        _time.Advance(TimeSpan.FromDays(1));
        var next = await store.AddAsync(Record("2026-11-27", "t", 1), default);
        Assert.Equal((default, new Spent(12, 0.1m), new Spent(1, 0.1m)), (next.Of("2026-11-26", "t"), next.Of("2026-11", "t"), next.Of("2026-11-27", "t")));
        File.Delete(kubeConfig);
    }

    private static SpendingRecord Record(string period, string tenant, long tokens)
    {
        var record = new SpendingRecord();
        record.Add(period, tenant, new Spent(tokens, 0.1m));
        return record;
    }

    private static class Admission
    {
        public static Gateway.Admission.TenantLimits TenantLimitsOf(long tokensPerDay) => Gateway.Admission.TenantLimits.None with { TokensPerDay = tokensPerDay };
    }
}
