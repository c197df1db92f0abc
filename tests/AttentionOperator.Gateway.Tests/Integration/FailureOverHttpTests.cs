using System.Net;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Gateway.Forwarding;
using AttentionOperator.Gateway.Queueing;

namespace AttentionOperator.Gateway.Tests.Integration;

public sealed class FailureOverHttpTests
{
    private static readonly AttentionModelSpec Objectives = new() { Slo = new SloSpec { Objectives = [new ObjectiveSpec { Name = "errors", Type = ObjectiveType.Errors, Target = "99" }] } };

    [Fact]
    public async Task APodThatDiesBeforeItAnswers_IsNotSeenByClients()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var dead = await MockRuntime.StartAsync(Scripts.Die());
        await using var alive = await MockRuntime.StartAsync();
        gateway.Apply("chat", Objectives, null, ("a", 100, [dead, alive]));
        // Whose turn it is, other tests move too.
        var sent = 0;
        for (; sent < 6 || dead.Requests.IsEmpty; sent++) Assert.Equal(HttpStatusCode.OK, (await gateway.PostAsync("""{"model":"chat"}""")).StatusCode);
        var sli = await gateway.SliAsync("chat", s => s.Revisions[0].Requests == sent);
        Assert.Equal((0L, sent), (sli.Revisions[0].Errors, sli.Revisions[0].Objectives[0].Good));
    }

    [Fact]
    public async Task APodThatFailsAgainAndAgain_IsLeftOut()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var dead = await MockRuntime.StartAsync(Scripts.Die());
        await using var alive = await MockRuntime.StartAsync();
        gateway.Apply("chat", ("a", 100, [dead, alive]));
        for (var i = 0; i < 30; i++) Assert.Equal(HttpStatusCode.OK, (await gateway.PostAsync("""{"model":"chat"}""")).StatusCode);
        Assert.Equal(3, dead.Requests.Count);
    }

    [Fact]
    public async Task ACanaryThatDies_CostsTheClientNothing_AndIsHeldAgainstTheCanary()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var canary = await MockRuntime.StartAsync(Scripts.Die());
        await using var stable = await MockRuntime.StartAsync();
        gateway.Apply("chat", Objectives, null, ("a", 50, [stable]), ("b", 50, [canary]));
        for (var i = 0; i < 10; i++) Assert.Equal(HttpStatusCode.OK, (await gateway.PostAsync("""{"model":"chat"}""")).StatusCode);
        var sli = await gateway.SliAsync("chat", s => s.Revisions.Sum(r => r.Requests) == 15);
        Assert.Equal([("a", 10L, 0L), ("b", 5L, 5L)], sli.Revisions.Select(r => (r.Revision, r.Requests, r.Errors)));
    }

    [Theory]
    [InlineData("Draining")]
    [InlineData("QueueFull")]
    public async Task ARefusalBeforeAnyWork_GoesElsewhere(string reason)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var full = await MockRuntime.StartAsync(Scripts.Refuse(reason));
        await using var free = await MockRuntime.StartAsync();
        gateway.Apply("chat", ("a", 100, [full, free]));
        for (var i = 0; i < 4; i++) Assert.Equal(HttpStatusCode.OK, (await gateway.PostAsync("""{"model":"chat"}""")).StatusCode);
        Assert.Equal(4, free.Requests.Count);
    }

    [Fact]
    public async Task TheOnlyPodRefusing_IsAskedAgainLater()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var pod = await MockRuntime.StartAsync(Scripts.Refuse("QueueFull"));
        gateway.Apply("chat", ("a", 100, [pod]));
        var request = gateway.PostAsync("""{"model":"chat"}""");
        await gateway.SliAsync("chat", s => s.Queued == 1 && !pod.Requests.IsEmpty);
        pod.Script = Scripts.Answer();
        Assert.Equal(HttpStatusCode.OK, (await request).StatusCode);
    }

    [Fact]
    public async Task PodsThatRefuseForEver_AreNotAskedForEver()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(o => o with { Queue = new QueueLimits { StandardWait = TimeSpan.FromMilliseconds(300) } });
        await using var a = await MockRuntime.StartAsync(Scripts.Refuse("QueueFull", retryAfter: 0));
        await using var b = await MockRuntime.StartAsync(Scripts.Refuse("QueueFull", retryAfter: 0));
        gateway.Apply("chat", ("a", 100, [a, b]));
        using var response = await gateway.PostAsync("""{"model":"chat"}""");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "Saturated"), (response.StatusCode, response.Headers.GetValues(HeaderNames.Reason).Single()));
        Assert.InRange(a.Requests.Count + b.Requests.Count, 2, 10);
    }

    [Fact]
    public async Task ARefusalAfterComments_IsAnEvent_AndNotTheServersFault()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(o => o with { Timings = new GatewayTimings { CommentInterval = TimeSpan.FromMilliseconds(20) } });
        await using var a = await MockRuntime.StartAsync(Scripts.Status(400));
        gateway.Apply("chat", ("a", 100, []));
        using var response = await gateway.SendAsync("""{"model":"chat","stream":true}""", "/v1/completions", HttpCompletionOption.ResponseHeadersRead, CancellationToken.None);
        gateway.Apply("chat", ("a", 100, [a]));
        var body = await response.Content.ReadAsStringAsync();
        Assert.Contains("data: {\"error\":{\"message\":\"no\"}}\n\n", body, StringComparison.Ordinal);
        Assert.Equal(0, (await gateway.SliAsync("chat", s => s.Revisions is [{ InFlight: 0 }])).Revisions[0].Requests);
    }

    [Fact]
    public async Task EveryPodDead_IsA503_AndAnError()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(o => o with { Queue = new QueueLimits { StandardWait = TimeSpan.FromMilliseconds(200) } });
        await using var dead = await MockRuntime.StartAsync(Scripts.Die());
        gateway.Apply("chat", Objectives, null, ("a", 100, [dead]));
        using var response = await gateway.PostAsync("""{"model":"chat"}""");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        var sli = await gateway.SliAsync("chat", s => s.Revisions[0].Requests > 0);
        Assert.Equal((1L, 1L, 1L), (sli.Revisions[0].Requests, sli.Revisions[0].Errors, sli.Revisions[0].Objectives[0].Bad));
    }

    [Theory]
    [InlineData(400, 0, 0)]
    [InlineData(422, 0, 0)]
    [InlineData(500, 1, 1)]
    public async Task ARuntimesOwnError_PassesThrough_AndCountsWhenItIsTheServers(int status, long requests, long errors)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var a = await MockRuntime.StartAsync(Scripts.Status(status));
        gateway.Apply("chat", ("a", 100, [a]));
        using var response = await gateway.PostAsync("""{"model":"chat"}""");
        Assert.Equal((status, "no"), ((int)response.StatusCode, (await GatewayUnderTest.ErrorOf(response))["message"]!.GetValue<string>()));
        var sli = await gateway.SliAsync("chat", s => s.Revisions[0].InFlight == 0 && s.Revisions[0].Requests == requests);
        Assert.Equal(errors, sli.Revisions[0].Errors);
    }

    [Theory]
    [InlineData("""{"model":"chat"}""")]
    [InlineData("""{"model":"chat","stream":true}""")]
    public async Task AClientThatLeaves_CancelsTheRuntime_AndCountsNothing(string body)
    {
        var started = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var a = await MockRuntime.StartAsync(async (context, _) =>
        {
            context.RequestAborted.Register(cancelled.SetResult);
            started.SetResult();
            await cancelled.Task;
        });
        gateway.Apply("chat", ("a", 100, [a]));
        using var leave = new CancellationTokenSource();
        var request = gateway.SendAsync(body, "/v1/completions", HttpCompletionOption.ResponseHeadersRead, leave.Token);
        await started.Task.WaitAsync(TimeSpan.FromMinutes(1));
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await cancelled.Task.WaitAsync(TimeSpan.FromMinutes(1));
        var sli = await gateway.SliAsync("chat", s => s.Revisions[0].InFlight == 0);
        Assert.Equal(0, sli.Revisions[0].Requests);
    }

    [Fact]
    public async Task AnswersPassThrough_WithTheRuntimesHeaders()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var a = await MockRuntime.StartAsync((context, body) =>
        {
            context.Response.Headers[HeaderNames.Truncated] = "TruncateStart";
            context.Response.Headers["X-Attention-Internal-Secret"] = "x";
            return Scripts.Answer()(context, body);
        });
        gateway.Apply("chat", ("a", 100, [a]));
        using var response = await gateway.PostAsync("""{"model":"chat"}""");
        Assert.Equal("TruncateStart", response.Headers.GetValues(HeaderNames.Truncated).Single());
        Assert.False(response.Headers.Contains("X-Attention-Internal-Secret"));
    }
}
