using System.Net;
using System.Text.Json.Nodes;
using AttentionOperator.Gateway.Forwarding;

namespace AttentionOperator.Gateway.Tests.Integration;

public sealed class ContinuationOverHttpTests
{
    private const string Body = """{"model":"chat","prompt":"x","stream":true}""";
    private static readonly string Whole = string.Concat(Scripts.Tokens);

    [Fact]
    public async Task AWholeStream_HidesIdsAndUsage_AndCountsTokens()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var a = await MockRuntime.StartAsync(Scripts.Stream());
        gateway.Apply("chat", ("a", 100, [a]));
        using var response = await gateway.PostAsync(Body);
        var (text, data) = GatewayUnderTest.ReadStream(await response.Content.ReadAsStringAsync());
        Assert.Equal((Whole, "[DONE]", Scripts.Tokens.Count + 1), (text, data[^1], data.Count));
        Assert.DoesNotContain(data, d => d.Contains("token_ids", StringComparison.Ordinal) || d.Contains("usage", StringComparison.Ordinal));
        Assert.True(a.Requests.Single().Body["stream_options"]!["include_usage"]!.GetValue<bool>());
        var sli = await gateway.SliAsync("chat", s => s.Revisions[0].Requests == 1);
        Assert.Equal((7L, (long)Scripts.Tokens.Count), (sli.Revisions[0].InputTokens, sli.Revisions[0].OutputTokens));
    }

    [Fact]
    public async Task AClientThatAsksForUsage_GetsIt()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var a = await MockRuntime.StartAsync(Scripts.Stream());
        gateway.Apply("chat", ("a", 100, [a]));
        using var response = await gateway.PostAsync("""{"model":"chat","stream":true,"stream_options":{"include_usage":true}}""");
        var (_, data) = GatewayUnderTest.ReadStream(await response.Content.ReadAsStringAsync());
        Assert.Equal(7, JsonNode.Parse(data[^2])!["usage"]!["prompt_tokens"]!.GetValue<int>());
        Assert.All(data.Take(data.Count - 2), d => Assert.Contains("\"usage\":null", d, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0, Break.Abort)]
    [InlineData(1, Break.Abort)]
    [InlineData(5, Break.Abort)]
    [InlineData(10, Break.Abort)]
    [InlineData(3, Break.GivenBack)]
    [InlineData(10, Break.GivenBack)]
    internal async Task APodThatDiesInMidStream_IsContinued_WithoutARepeatedOrLostCharacter(int after, Break how)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var first = await MockRuntime.StartAsync(Scripts.Stream(after, how));
        await using var second = await MockRuntime.StartAsync(Scripts.Stream());
        gateway.Apply("chat", ("a", 100, [first]));
        second.Script = Scripts.Stream();
        var request = gateway.PostAsync(Body);
        await gateway.SliAsync("chat", _ => !first.Requests.IsEmpty);
        gateway.Apply("chat", ("a", 100, [first, second]));
        using var response = await request;
        var (text, data) = GatewayUnderTest.ReadStream(await response.Content.ReadAsStringAsync());
        Assert.Equal((Whole, "[DONE]"), (text, data[^1]));
        Assert.DoesNotContain(data, d => d.Contains("error", StringComparison.Ordinal));
        Assert.Single(data.SkipLast(1).Select(d => JsonNode.Parse(d)!["id"]!.GetValue<string>()).Distinct());
        Assert.Single(data, d => d.Contains("\"finish_reason\":\"stop\"", StringComparison.Ordinal));
        Assert.Equal(after > 0, second.Requests.Single().Body.ContainsKey("attention_continuation"));
        var sli = await gateway.SliAsync("chat", s => s.Revisions[0].Requests == 1 && s.Revisions[0].InFlight == 0);
        Assert.Equal((0L, (long)Scripts.Tokens.Count), (sli.Revisions[0].Errors, sli.Revisions[0].OutputTokens));
    }

    [Fact]
    public async Task SeveralPodsInARow_MayDie()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var a = await MockRuntime.StartAsync(Scripts.Stream(4));
        await using var b = await MockRuntime.StartAsync(Scripts.Stream(4));
        await using var c = await MockRuntime.StartAsync(Scripts.Stream(4));
        gateway.Apply("chat", ("a", 100, [a, b, c]));
        using var response = await gateway.PostAsync(Body);
        Assert.Equal(Whole, GatewayUnderTest.ReadStream(await response.Content.ReadAsStringAsync()).Text);
        Assert.Equal(3, a.Requests.Count + b.Requests.Count + c.Requests.Count);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task WhatCannotBeContinued_EndsWithAnErrorEvent_AndCountsAsError(bool ids, bool hasOther)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(o => o with { Timings = new GatewayTimings { ContinuationWait = TimeSpan.FromMilliseconds(50) } });
        await using var first = await MockRuntime.StartAsync(Scripts.Stream(3, ids: ids));
        await using var second = await MockRuntime.StartAsync(Scripts.Stream(3, ids: ids));
        gateway.Apply("chat", ("a", 100, hasOther ? [first, second] : [first]));
        using var response = await gateway.PostAsync(Body);
        var (_, data) = GatewayUnderTest.ReadStream(await response.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(4, data.Count);
        Assert.Equal("stream_broken", JsonNode.Parse(data[^1])!["error"]!["code"]!.GetValue<string>());
        var sli = await gateway.SliAsync("chat", s => s.Revisions[0].Errors == 1);
        Assert.Equal(1, sli.Revisions[0].Requests);
    }

    [Fact]
    public async Task AStreamThatWaits_GetsComments_AndThenItsAnswer()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(o => o with { Timings = new GatewayTimings { CommentInterval = TimeSpan.FromMilliseconds(20) } });
        await using var a = await MockRuntime.StartAsync(Scripts.Stream());
        gateway.Apply("chat", ("a", 100, []));
        using var response = await gateway.SendAsync(Body, "/v1/completions", HttpCompletionOption.ResponseHeadersRead, CancellationToken.None);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal(": waiting, 1 in line", await reader.ReadLineAsync());
        gateway.Apply("chat", ("a", 100, [a]));
        Assert.Equal(Whole, GatewayUnderTest.ReadStream("x\n" + await reader.ReadToEndAsync()).Text);
    }
}
