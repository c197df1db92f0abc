using AttentionOperator.Gateway.Queueing;
using CsCheck;

namespace AttentionOperator.Gateway.Tests.Queueing;

public sealed class TenantLinesTests
{
    [Fact]
    public void TenantsThatWait_GetEqualTokens_WhateverTheySend() =>
        Gen.Select(Gen.Int[1, 50], Gen.Int[1, 50]).Sample((costA, costB) =>
        {
            var lines = new TenantLines<Item>();
            for (var i = 0; i < 1200; i++) Add(lines, "noisy", costA);
            for (var i = 0; i < 20; i++) Add(lines, "quiet", costB);
            Dictionary<string, int> served = new() { ["noisy"] = 0, ["quiet"] = 0 };
            while (served["quiet"] < 20 * costB)
            {
                Serve(lines, served);
                Assert.InRange(served["noisy"] - served["quiet"], -costA - costB, costA + costB);
            }
        });

    [Fact]
    public void WhoWasIdle_HasNoCredit()
    {
        var lines = new TenantLines<Item>();
        Dictionary<string, int> served = new() { ["busy"] = 0, ["late"] = 0 };
        for (var i = 0; i < 100; i++) Add(lines, "busy", 10);
        for (var i = 0; i < 50; i++) Serve(lines, served);
        for (var i = 0; i < 50; i++) Add(lines, "late", 10);
        for (var i = 0; i < 40; i++) Serve(lines, served);
        Assert.InRange(served["late"], 190, 210);
    }

    [Fact]
    public void InsideATenant_FirstComeFirstServed()
    {
        var lines = new TenantLines<Item>();
        var items = Enumerable.Range(1, 5).Select(i => Add(lines, "t", i)).ToList();
        lines.Remove("t", items[1].Node!);
        Assert.Equal([1, 3, 4, 5], lines.Heads().Select(i => i.Cost));
        Assert.Equal(4, lines.Count);
        lines.Remove("t", items[1].Node!);
        Assert.Equal(4, lines.Count);
    }

    private static Item Add(TenantLines<Item> lines, string tenant, int cost)
    {
        var item = new Item(tenant, cost);
        item.Node = lines.Add(tenant, item);
        return item;
    }

    private static void Serve(TenantLines<Item> lines, Dictionary<string, int> served)
    {
        var next = lines.Heads().First();
        served[next.Tenant] += next.Cost;
        lines.Serve(next.Tenant, next.Node!, next.Cost);
    }

    private sealed class Item(string tenant, int cost)
    {
        public string Tenant { get; } = tenant;

        public int Cost { get; } = cost;

        public LinkedListNode<Item>? Node { get; set; }
    }
}
