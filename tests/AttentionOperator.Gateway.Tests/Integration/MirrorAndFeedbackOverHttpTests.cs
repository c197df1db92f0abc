using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Gateway.Admission;
using AttentionOperator.Kube.Objects;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;

namespace AttentionOperator.Gateway.Tests.Integration;

public sealed class MirrorAndFeedbackOverHttpTests
{
    private static readonly AttentionModelSpec Quality = new() { Slo = new SloSpec { Objectives = [new ObjectiveSpec { Name = "quality", Type = ObjectiveType.Quality, Target = "90" }] } };

    [Theory]
    [InlineData("""{"model":"chat","prompt":"x"}""")]
    [InlineData("""{"model":"chat","prompt":"x","stream":true}""")]
    public async Task AShareIsCopied_CountedThere_AndNeverSeen(string body)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var stable = await MockRuntime.StartAsync(Serve);
        await using var canary = await MockRuntime.StartAsync(Serve);
        gateway.Apply("chat", new() { Traffic = new TrafficSpec { Mirror = new MirrorSpec { Percent = 50 } } }, "b", ("a", 100, [stable]), ("b", 0, [canary]));
        for (var i = 0; i < 10; i++)
        {
            using var response = await gateway.PostAsync(body);
            Assert.Equal("a", response.Headers.GetValues(HeaderNames.ServedRevision).Single());
        }

        var sli = await gateway.SliAsync("chat", s => s.Revisions.Sum(r => r.Requests) == 15);
        Assert.Equal([("a", 10L), ("b", 5L)], sli.Revisions.Select(r => (r.Revision, r.Requests)));
        Assert.All(sli.Revisions, r => Assert.Equal(7 * r.Requests, r.InputTokens));
        Assert.All(canary.Requests, r => Assert.Equal("batch", r.Headers[HeaderNames.Priority]));
    }

    [Fact]
    public async Task AMirrorThatFails_HurtsNobody()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var stable = await MockRuntime.StartAsync();
        await using var broken = await MockRuntime.StartAsync(Scripts.Die());
        gateway.Apply("chat", new() { Traffic = new TrafficSpec { Mirror = new MirrorSpec { Revision = "b", Percent = 100 } } }, null, ("a", 100, [stable]), ("b", -1, [broken]));
        for (var i = 0; i < 5; i++) Assert.Equal(HttpStatusCode.OK, (await gateway.PostAsync("""{"model":"chat"}""")).StatusCode);
        var sli = await gateway.SliAsync("chat", s => s.Revisions.Sum(r => r.Requests) == 10);
        Assert.Equal([("a", 0L), ("b", 5L)], sli.Revisions.Select(r => (r.Revision, r.Errors)));
    }

    [Fact]
    public async Task Feedback_CountsOnce_ForTheRevisionThatAnswered()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var a = await MockRuntime.StartAsync(Scripts.Stream());
        await using var b = await MockRuntime.StartAsync();
        gateway.Apply("chat", Quality, null, ("a", 50, [a]), ("b", 50, [b]));
        (await gateway.PostAsync("""{"model":"chat","stream":true}""")).Dispose();
        (await gateway.PostAsync("""{"model":"chat"}""")).Dispose();
        await gateway.SliAsync("chat", s => s.Revisions.Sum(r => r.Requests) == 2);
        Assert.Equal(HttpStatusCode.NoContent, await FeedbackAsync(gateway, """{"id":"cmpl-first","good":true}"""));
        Assert.Equal(HttpStatusCode.NotFound, await FeedbackAsync(gateway, """{"id":"cmpl-first","good":true}"""));
        Assert.Equal(HttpStatusCode.NoContent, await FeedbackAsync(gateway, """{"id":"cmpl-1","score":0.2}"""));
        var sli = await gateway.SliAsync("chat");
        Assert.Equal([("a", 1L, 0L), ("b", 0L, 1L)], sli.Revisions.Select(r => (r.Revision, r.Objectives[0].Good, r.Objectives[0].Bad)));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("[]")]
    [InlineData("""{"good":true}""")]
    [InlineData("""{"id":"a"}""")]
    [InlineData("""{"id":"a","good":1}""")]
    [InlineData("""{"id":"a","score":2}""")]
    [InlineData("""{"id":"a","score":1,"good":true}""")]
    public async Task FeedbackThatCannotBeRead_Is400(string body)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        Assert.Equal(HttpStatusCode.BadRequest, await FeedbackAsync(gateway, body));
    }

    [Fact]
    public async Task TheListOfModels_ShowsWhatTheCallerMayUse()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var a = await MockRuntime.StartAsync();
        gateway.Apply("open", ("a", 100, [a]));
        gateway.Apply("closed", new() { Security = new SecuritySpec { ApiKeysSecretRef = new V1LocalObjectReference { Name = "keys" } } }, null, ("a", 100, []));
        gateway.Services.GetRequiredService<ApiKeyStore>().Set(new ObjectKey("ns", "keys"), new Dictionary<string, byte[]>
        {
            ["k"] = Encoding.UTF8.GetBytes($$"""{"sha256":"{{Convert.ToHexString(System.Security.Cryptography.SHA256.HashData("key"u8))}}"}"""),
        });
        Assert.Equal(["open"], await ListAsync(gateway));
        gateway.Client.DefaultRequestHeaders.Authorization = new("Bearer", "key");
        Assert.Equal(["closed", "open"], await ListAsync(gateway));
    }

    private static Task Serve(Microsoft.AspNetCore.Http.HttpContext context, JsonObject body) =>
        (body["stream"] is null ? Scripts.Answer() : Scripts.Stream())(context, body);

    private static async Task<List<string>> ListAsync(GatewayUnderTest gateway) =>
        [.. (await gateway.Client.GetFromJsonAsync<JsonObject>("/v1/models"))!["data"]!.AsArray().Select(m => m!["id"]!.GetValue<string>())];

    private static async Task<HttpStatusCode> FeedbackAsync(GatewayUnderTest gateway, string body)
    {
        using var response = await gateway.PostAsync(body, "/v1/feedback");
        return response.StatusCode;
    }
}
