using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Runtime;

namespace AttentionOperator.Gateway.Tests.Integration;

public sealed class RoutingOverHttpTests
{
    [Fact]
    public async Task TheSplit_IsExact_AndIsInTheCounters()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var stable = await MockRuntime.StartAsync(Scripts.Answer("a"));
        await using var canary = await MockRuntime.StartAsync(Scripts.Answer("b"));
        gateway.Apply("chat", ("a", 90, [stable]), ("b", 10, [canary]));
        var served = new ConcurrentQueue<string>();
        await Parallel.ForAsync(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) =>
        {
            using var response = await gateway.PostAsync("""{"model":"chat","prompt":"x"}""");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            served.Enqueue(response.Headers.GetValues(HeaderNames.ServedRevision).Single());
        });
        Assert.Equal((180, 20), (served.Count(r => r == "a"), served.Count(r => r == "b")));
        var sli = await gateway.SliAsync("chat", s => s.Revisions.Sum(r => r.Requests) == 200);
        Assert.Equal([(180L, 0L, 0L, 1260L, 540L), (20L, 0L, 0L, 140L, 60L)], sli.Revisions.Select(r => (r.Requests, r.Errors, r.InFlight, r.InputTokens, r.OutputTokens)));
        Assert.NotEqual(0, sli.LastRequestAt);
    }

    [Fact]
    public async Task AStatusWrite_MovesTheNextRequest()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var a = await MockRuntime.StartAsync(Scripts.Answer("a"));
        await using var b = await MockRuntime.StartAsync(Scripts.Answer("b"));
        foreach (var to in new[] { "a", "b", "a" })
        {
            gateway.Apply("chat", ("a", to == "a" ? 100 : 0, [a]), ("b", to == "b" ? 100 : 0, [b]));
            using var response = await gateway.PostAsync("""{"model":"chat"}""");
            Assert.Equal(to, JsonNode.Parse(await response.Content.ReadAsStringAsync())!["by"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task APodThatIsNotReady_GetsNothing()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var a = await MockRuntime.StartAsync(Scripts.Answer("a"));
        await using var b = await MockRuntime.StartAsync(Scripts.Answer("b"));
        gateway.Apply("chat", ("a", 50, [a]), ("b", 50, []));
        for (var i = 0; i < 4; i++) (await gateway.PostAsync("""{"model":"chat"}""")).Dispose();
        Assert.Equal((4, 0), (a.Requests.Count, b.Requests.Count));
        gateway.Apply("chat", ("a", 50, [a]), ("b", 50, [b]));
        for (var i = 0; i < 4; i++) (await gateway.PostAsync("""{"model":"chat"}""")).Dispose();
        Assert.Equal((6, 2), (a.Requests.Count, b.Requests.Count));
    }

    [Fact]
    public async Task ANamedRevision_IsReached_AndAnUnknownOneRefused()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var a = await MockRuntime.StartAsync(Scripts.Answer("a"));
        await using var preview = await MockRuntime.StartAsync(Scripts.Answer("p"));
        gateway.Apply("chat", ("a", 100, [a]), ("p", -1, [preview]));
        using var served = await gateway.PostAsync("""{"model":"chat"}""", "/v1/completions", (HeaderNames.Revision, "p"));
        Assert.Equal("p", served.Headers.GetValues(HeaderNames.ServedRevision).Single());
        using var unknown = await gateway.PostAsync("""{"model":"chat"}""", "/v1/completions", (HeaderNames.Revision, "x"));
        Assert.Equal((HttpStatusCode.NotFound, "RevisionNotFound"), (unknown.StatusCode, unknown.Headers.GetValues(HeaderNames.Reason).Single()));
    }

    [Fact]
    public async Task RuntimesSeeTheGatewaysHeaders_AndNotTheClients()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var a = await MockRuntime.StartAsync();
        gateway.Apply("chat", ("a", 100, [a]));
        (await gateway.PostAsync("""{"model":"ns/chat"}""", "/v1/completions",
            ("x-attention-internal-continuation", "guess"), ("X-Attention-Internal-Anything", "x"), ("Authorization", "Bearer secret"), ("Cookie", "c=1"), ("X-Custom", "kept"), (HeaderNames.Priority, "batch"))).Dispose();
        var (_, headers, path) = Assert.Single(a.Requests);
        Assert.Equal("/v1/completions", path);
        Assert.Equal((InternalTokenDerivation.Derive(GatewayUnderTest.Token, "ns"), "chat", "kept", "batch", "batch"), (headers[HeaderNames.ContinuationToken], headers[HeaderNames.Model], headers["X-Custom"], headers[HeaderNames.Priority], headers[HeaderNames.PriorityCap]));
        Assert.DoesNotContain(headers.Keys, k => k is "Authorization" or "Cookie" or "X-Attention-Internal-Anything");
    }

    [Fact]
    public async Task TheAdminPort_AndTheClientPort_ShareNothing()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var a = await MockRuntime.StartAsync();
        gateway.Apply("chat", ("a", 100, [a]));
        foreach (var path in new[] { "/slis", "/metrics", "/health/ready", "/v1/../slis", "/v1/%2e%2e/metrics", "/" })
        {
            using var response = await gateway.Client.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }

        foreach (var path in new[] { "/slis", "/metrics", "/health/ready", "/health/live" }) Assert.Equal(HttpStatusCode.OK, (await gateway.Admin.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await gateway.Admin.GetAsync("/v1/models")).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await gateway.Admin.PostAsync("/v1/completions", new StringContent("""{"model":"chat"}"""))).StatusCode);
        Assert.Empty(a.Requests);
    }

    [Fact]
    public async Task AModelThatComesUpWhileRequestsWait_AnswersThem()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var a = await MockRuntime.StartAsync();
        gateway.Apply("chat");
        var waiting = Enumerable.Range(0, 5).Select(_ => gateway.PostAsync("""{"model":"chat"}""")).ToList();
        await gateway.SliAsync("chat", s => s.Queued == 5);
        Assert.DoesNotContain(waiting, w => w.IsCompleted);
        gateway.Apply("chat", ("a", 100, [a]));
        foreach (var request in waiting) Assert.Equal(HttpStatusCode.OK, (await request).StatusCode);
        Assert.Equal(0, (await gateway.SliAsync("chat")).Queued);
    }
}
