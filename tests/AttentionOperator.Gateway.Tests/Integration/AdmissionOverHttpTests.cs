using System.Net;
using AttentionOperator.Api.Naming;

namespace AttentionOperator.Gateway.Tests.Integration;

public sealed class AdmissionOverHttpTests
{
    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized, "ApiKeyMissing")]
    [InlineData("Bearer wrong", HttpStatusCode.Unauthorized, "ApiKeyInvalid")]
    [InlineData("Basic one", HttpStatusCode.Unauthorized, "ApiKeyInvalid")]
    [InlineData("Bearer ", HttpStatusCode.Unauthorized, "ApiKeyMissing")]
    [InlineData("Bearer other", HttpStatusCode.Forbidden, "ModelForbidden")]
    public async Task WithoutAKeyForTheModel_NothingIsSentOn(string? header, HttpStatusCode status, string reason)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var a = await MockRuntime.StartAsync();
        gateway.Apply("chat", GatewayUnderTest.Secured, null, ("a", 100, [a]));
        gateway.Keys(("one", """ "tenant":"t" """), ("other", """ "models":["x"] """));
        using var response = await gateway.PostAsync("""{"model":"chat"}""", "/v1/completions", header is null ? [] : [("Authorization", header)]);
        // Clients trim the header, so an empty key is either missing or invalid.
        Assert.Equal(status, response.StatusCode);
        if (header != "Bearer ") Assert.Equal(reason, response.Headers.GetValues(HeaderNames.Reason).Single());
        Assert.Equal(status == HttpStatusCode.Unauthorized, response.Headers.WwwAuthenticate.Count > 0);
        Assert.Empty(a.Requests);
    }

    [Fact]
    public async Task AMissingSecret_ClosesTheModel()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var a = await MockRuntime.StartAsync();
        gateway.Apply("chat", GatewayUnderTest.Secured, null, ("a", 100, [a]));
        using var response = await gateway.PostAsync("""{"model":"chat"}""", "/v1/completions", ("Authorization", "Bearer one"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "ApiKeysUnavailable"), (response.StatusCode, response.Headers.GetValues(HeaderNames.Reason).Single()));
        Assert.Empty(a.Requests);
    }

    [Fact]
    public async Task AHeader_LowersTheClass_AndNeverRaisesIt()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var a = await MockRuntime.StartAsync();
        gateway.Apply("chat", GatewayUnderTest.Secured, null, ("a", 100, [a]));
        gateway.Keys(("one", """ "class":"standard" """));
        foreach (var asked in new[] { "interactive", "batch", null })
        {
            (string, string)[] headers = asked is null ? [("Authorization", "Bearer one")] : [("Authorization", "Bearer one"), (HeaderNames.Priority, asked)];
            (await gateway.PostAsync("""{"model":"chat"}""", "/v1/completions", headers)).Dispose();
        }

        Assert.Equal(["standard", "batch", "standard"], a.Requests.Select(r => r.Headers[HeaderNames.PriorityCap]));
    }

    [Fact]
    public async Task Tenants_ShareNoCachedPrefix_AndRuntimesDoNotLearnTheirNames()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var a = await MockRuntime.StartAsync();
        gateway.Apply("chat", GatewayUnderTest.Secured, null, ("a", 100, [a]));
        gateway.Keys(("one", """ "tenant":"blue" """), ("two", """ "tenant":"green" """), ("three", """ "tenant":"blue" """));
        foreach (var key in (string[])["one", "two", "three"])
            (await gateway.PostAsync("""{"model":"chat"}""", "/v1/completions", ("Authorization", $"Bearer {key}"), (HeaderNames.CacheNamespace, "mine"))).Dispose();

        var spaces = a.Requests.Select(r => r.Headers[HeaderNames.CacheNamespace]).ToList();
        Assert.Equal(spaces[0], spaces[2]);
        Assert.NotEqual(spaces[0], spaces[1]);
        Assert.All(spaces, s => Assert.Matches("^[0-9a-f]{32}$", s));
    }

    [Fact]
    public async Task Tokens_AreReserved_Bounded_AndReconciled()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var a = await MockRuntime.StartAsync();
        gateway.Apply("chat", GatewayUnderTest.Secured, null, ("a", 100, [a]));
        gateway.Keys(("one", """ "tokensPerMinute":2000,"requestsPerMinute":3 """));
        for (var i = 0; i < 3; i++)
        {
            using var response = await gateway.PostAsync("""{"model":"chat"}""", "/v1/completions", ("Authorization", "Bearer one"));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(("3", "2000"), (Header(response, "x-ratelimit-limit-requests"), Header(response, "x-ratelimit-limit-tokens")));
            Assert.Equal($"{2 - i}", Header(response, "x-ratelimit-remaining-requests"));
        }

        // Each answer used 10 tokens of the 1040 that were reserved: else the second would have been refused.
        Assert.All(a.Requests, r => Assert.Equal(1024, r.Body["max_tokens"]!.GetValue<int>()));
        using var refused = await gateway.PostAsync("""{"model":"chat"}""", "/v1/completions", ("Authorization", "Bearer one"));
        Assert.Equal((HttpStatusCode.TooManyRequests, "RequestLimit"), (refused.StatusCode, refused.Headers.GetValues(HeaderNames.Reason).Single()));
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20));
        Assert.Equal(3, a.Requests.Count);
    }

    private static string Header(HttpResponseMessage response, string name) => response.Headers.GetValues(name).Single();
}
