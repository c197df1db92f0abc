using AttentionOperator.Gateway.Admission;
using AttentionOperator.Gateway.Tests.Integration;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace AttentionOperator.Gateway.Tests.Peers;

public sealed class LoanTests
{
    /// <summary>The error bound of the limits per minute over several gateways: no overshoot at all.</summary>
    [Fact]
    public void WhateverGatewaysLendEachOther_TheSumIsNeverMoreThanTheBound() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[4, 2000], Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[1, 900], Gen.Int[0, 4000]).List[1, 100]).Sample((gateways, perMinute, steps) =>
        {
            var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
            var share = new TenantLimits(null, perMinute, null).Over(gateways);
            var budgets = Enumerable.Range(0, gateways).Select(_ => new TenantBudget(time)).ToList();
            long taken = 0;
            foreach (var (to, from, tokens, milliseconds) in steps)
            {
                var (borrower, lender) = (budgets[to % gateways], budgets[from % gateways]);
                // What is larger than a whole share leaves a debt by design; that is another bound.
                var amount = Math.Min(tokens, (int)share.TokensPerMinute!);
                if (borrower.Reserve(share, amount) is null) taken += amount;
                else if (borrower != lender)
                {
                    var (_, lent) = lender.Lend(share, 0, borrower.Missing(amount).Tokens);
                    borrower.Receive(0, lent);
                    if (borrower.Reserve(share, amount) is null) taken += amount;
                }

                time.Advance(TimeSpan.FromMilliseconds(milliseconds));
                Assert.True(taken <= perMinute + (perMinute * (time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMinutes) + 1e-6);
            }
        });

    [Fact]
    public async Task ATenantWhoseRequestsAllComeToOneGateway_GetsItsWholeLimit_AndNotMore()
    {
        await using var a = await GatewayUnderTest.StartAsync();
        await using var b = await GatewayUnderTest.StartAsync();
        await using var runtime = await MockRuntime.StartAsync();
        a.KnowsPeers(b);
        b.KnowsPeers(a);
        foreach (var gateway in new[] { a, b })
        {
            gateway.Apply("chat", GatewayUnderTest.Secured, null, ("a", 100, [runtime]));
            gateway.Keys(("one", """ "requestsPerMinute":10 """));
        }

        var statuses = new List<int>();
        for (var i = 0; i < 12; i++) statuses.Add(await StatusAsync(a));
        // A token may come back while the test runs; each replica alone would have let five through.
        Assert.InRange(statuses.Count(s => s == 200), 10, 11);
        Assert.Equal(429, await StatusAsync(b));
    }

    [Fact]
    public async Task WithoutTheInternalToken_NothingIsLent()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Keys(("one", """ "requestsPerMinute":10 """));
        using var body = new StringContent("""{"Scope":"ns/keys","Tenant":"one","Requests":5,"Tokens":0}""", System.Text.Encoding.UTF8, "application/json");
        using var response = await gateway.Admin.PostAsync("/loans", body);
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, response.StatusCode);
    }

    private static async Task<int> StatusAsync(GatewayUnderTest gateway)
    {
        using var response = await gateway.PostAsync("""{"model":"chat"}""", "/v1/completions", ("Authorization", "Bearer one"));
        return (int)response.StatusCode;
    }
}
