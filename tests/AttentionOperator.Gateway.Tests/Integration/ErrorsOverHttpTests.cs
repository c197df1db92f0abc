using System.Net;
using AttentionOperator.Api.Naming;
using AttentionOperator.Gateway.Queueing;

namespace AttentionOperator.Gateway.Tests.Integration;

public sealed class ErrorsOverHttpTests
{
    [Theory]
    [InlineData("not json", HttpStatusCode.BadRequest, "MalformedJson", "invalid_request_error", null)]
    [InlineData("""{"prompt":"x"}""", HttpStatusCode.BadRequest, "ModelMissing", "invalid_request_error", "model")]
    [InlineData("""{"model":"chat","model":"other"}""", HttpStatusCode.BadRequest, "MalformedJson", "invalid_request_error", null)]
    [InlineData("""{"model":"none"}""", HttpStatusCode.NotFound, "ModelNotFound", "not_found_error", "model")]
    [InlineData("""{"model":"chat","attention\u005fcontinuation":{}}""", HttpStatusCode.Forbidden, "InternalField", "permission_error", "attention_continuation")]
    public async Task WhatCannotBeServed_IsRefused_InOpenAisShape(string body, HttpStatusCode status, string reason, string type, string? param)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var a = await MockRuntime.StartAsync();
        gateway.Apply("chat", ("a", 100, [a]));
        using var response = await gateway.PostAsync(body);
        var error = await GatewayUnderTest.ErrorOf(response);
        Assert.Equal((status, reason), (response.StatusCode, response.Headers.GetValues(HeaderNames.Reason).Single()));
        Assert.Equal((type, param), (error["type"]!.GetValue<string>(), error["param"]?.GetValue<string>()));
        Assert.NotEmpty(error["message"]!.GetValue<string>());
        Assert.Empty(a.Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ABodyBeyondTheBound_Is413(bool chunked)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = new StringContent($$"""{"model":"chat","prompt":"{{new string('x', 70_000)}}"}""") };
        request.Headers.TransferEncodingChunked = chunked;
        using var response = await gateway.Client.SendAsync(request);
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "BodyTooLarge"), (response.StatusCode, response.Headers.GetValues(HeaderNames.Reason).Single()));
    }

    [Fact]
    public async Task NoReadyReplica_IsA503WithRetryAfter_OnceItHasWaited()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(o => o with { Queue = new QueueLimits { StandardWait = TimeSpan.FromMilliseconds(50) } });
        gateway.Apply("chat", ("a", 100, []));
        using var response = await gateway.PostAsync("""{"model":"chat"}""");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "NoReadyReplica"), (response.StatusCode, response.Headers.GetValues(HeaderNames.Reason).Single()));
        Assert.True(response.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        using var late = await gateway.PostAsync("""{"model":"chat"}""", "/v1/completions", (HeaderNames.Deadline, "20ms"));
        Assert.Equal((HttpStatusCode.GatewayTimeout, "DeadlineExceeded"), (late.StatusCode, late.Headers.GetValues(HeaderNames.Reason).Single()));
    }

    [Fact]
    public async Task RetryAfter_WithoutAReplica_IsTheDefault_UntilAStartWasSeen()
    {
        var otherwise = TimeSpan.FromHours(1);
        await using var gateway = await GatewayUnderTest.StartAsync(o => o with { Queue = new QueueLimits { StandardWait = TimeSpan.FromMilliseconds(50) }, Timings = o.Timings with { NoReplicaRetryAfter = otherwise } });
        await using var a = await MockRuntime.StartAsync(Scripts.Answer());
        gateway.Apply("chat", ("a", 100, []));
        using var first = await gateway.PostAsync("""{"model":"chat"}""");
        Assert.Equal(otherwise, first.Headers.RetryAfter!.Delta);
        gateway.Apply("chat", ("a", 100, [a]));
        gateway.Apply("chat", ("a", 100, []));
        using var second = await gateway.PostAsync("""{"model":"chat"}""");
        Assert.Equal("NoReadyReplica", second.Headers.GetValues(HeaderNames.Reason).Single());
        Assert.InRange(second.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), ColdStartClock.Longest);
    }

    [Theory]
    [InlineData(HeaderNames.Deadline, "soon")]
    [InlineData(HeaderNames.Priority, "highest")]
    [InlineData(HeaderNames.Priority, "0")]
    public async Task AHeaderThatCannotBeRead_Is400(string name, string value)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var a = await MockRuntime.StartAsync();
        gateway.Apply("chat", ("a", 100, [a]));
        using var response = await gateway.PostAsync("""{"model":"chat"}""", "/v1/completions", (name, value));
        Assert.Equal((HttpStatusCode.BadRequest, name), (response.StatusCode, (await GatewayUnderTest.ErrorOf(response))["param"]!.GetValue<string>()));
    }

    [Fact]
    public async Task TheQueue_IsBounded_AndSaturationEndsWithA503()
    {
        var hold = new TaskCompletionSource();
        await using var gateway = await GatewayUnderTest.StartAsync(o => o with { Queue = new QueueLimits { MaxPerClass = 1 } });
        await using var a = await MockRuntime.StartAsync(async (context, body) =>
        {
            await hold.Task;
            await Scripts.Answer()(context, body);
        });
        gateway.Apply("chat", new() { Batching = new() { MaxSequences = 1 } }, null, ("a", 100, [a]));
        var running = gateway.PostAsync("""{"model":"chat"}""");
        await gateway.SliAsync("chat", s => s.Revisions.Sum(r => r.InFlight) == 1);
        var waiting = gateway.PostAsync("""{"model":"chat"}""");
        await gateway.SliAsync("chat", s => s.Queued == 1);
        using var full = await gateway.PostAsync("""{"model":"chat"}""");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "QueueFull"), (full.StatusCode, full.Headers.GetValues(HeaderNames.Reason).Single()));
        Assert.True(full.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        hold.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await running).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await waiting).StatusCode);
        Assert.Equal(2, a.Requests.Count);
    }
}
