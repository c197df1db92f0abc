using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Faults;
using AttentionOperator.Sandbox.Tests.Api;
using Microsoft.Extensions.Time.Testing;
using static AttentionOperator.Sandbox.Tests.Api.ApiTestServer;

namespace AttentionOperator.Sandbox.Tests.Faults;

public sealed class FaultTests
{
    [Theory]
    [InlineData(409, "Conflict")]
    [InlineData(410, "Expired")]
    [InlineData(429, "TooManyRequests")]
    [InlineData(500, "InternalError")]
    [InlineData(503, "ServiceUnavailable")]
    [InlineData(504, "Timeout")]
    public async Task An_error_hits_as_often_as_it_says_and_nothing_is_done(int code, string reason)
    {
        await using var api = await ApiTestServer.StartAsync();
        api.Server.Faults.Add(new FaultRule { Method = "POST", PathContains = "/configmaps", Times = 2, Code = code, RetryAfterSeconds = 3 });

        for (var i = 0; i < 2; i++)
        {
            using var response = await api.OpenAsync("POST", ConfigMaps, ConfigMap("m"));
            Assert.Equal(code, (int)response.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(3), response.Headers.RetryAfter!.Delta);
            var status = System.Text.Json.Nodes.JsonNode.Parse(await response.Content.ReadAsStringAsync());
            Assert.Equal((reason, "3"), (Text(status, "reason"), Text(status, "details", "retryAfterSeconds")));
            Assert.Equal(404, (await api.SendAsync("GET", $"{ConfigMaps}/m")).Code);
        }

        await api.CreateAsync(ConfigMaps, ConfigMap("m"));
    }

    [Fact]
    public async Task Over_http_the_administrator_sets_and_clears_them()
    {
        await using var api = await ApiTestServer.StartAsync(new SandboxApiServerOptions { Token = "secret" });
        var rule = Body("""{"method":"GET","pathContains":"configmaps","times":null,"code":429,"retryAfterSeconds":1}""");
        Assert.Equal(401, (await api.SendAsync("POST", "/sandbox/faults", rule)).Code);
        Assert.Equal(200, (await api.SendAsync("POST", "/sandbox/faults", rule, token: "secret")).Code);
        for (var i = 0; i < 3; i++) Assert.Equal(429, (await api.SendAsync("GET", ConfigMaps, token: "secret")).Code);
        Assert.Equal(200, (await api.SendAsync("GET", "/api/v1/namespaces/default/secrets", token: "secret")).Code);
        Assert.Equal(200, (await api.SendAsync("DELETE", "/sandbox/faults", token: "secret")).Code);
        Assert.Equal(200, (await api.SendAsync("GET", ConfigMaps, token: "secret")).Code);

        var (_, request) = await api.SendAsync("POST", "/api/v1/namespaces/default/serviceaccounts/default/token", Body("{}"), token: "secret");
        Assert.Equal(403, (await api.SendAsync("POST", "/sandbox/faults", rule, token: Text(request, "status", "token"))).Code);
        Assert.Equal(404, (await api.SendAsync("POST", "/sandbox/other", token: "secret")).Code);
    }

    [Fact]
    public async Task A_dropped_request_does_nothing_and_one_dropped_afterwards_has_happened()
    {
        await using var api = await ApiTestServer.StartAsync();
        api.Server.Faults.Add(new FaultRule { Method = "POST", PathContains = "configmaps", Drop = true });
        await Assert.ThrowsAsync<HttpRequestException>(() => api.OpenAsync("POST", ConfigMaps, ConfigMap("before")));
        Assert.Equal(404, (await api.SendAsync("GET", $"{ConfigMaps}/before")).Code);

        api.Server.Faults.Add(new FaultRule { Method = "POST", PathContains = "configmaps", DropAfter = true });
        await Assert.ThrowsAsync<HttpRequestException>(() => api.OpenAsync("POST", ConfigMaps, ConfigMap("after")));
        Assert.Equal(200, (await api.SendAsync("GET", $"{ConfigMaps}/after")).Code);
    }

    [Fact]
    public async Task A_slow_request_waits_and_then_succeeds()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var api = await ApiTestServer.StartAsync(new SandboxApiServerOptions { Clock = clock });
        api.Server.Faults.Add(new FaultRule { Method = "POST", Delay = TimeSpan.FromHours(1) });

        var slow = api.CreateAsync(ConfigMaps, ConfigMap("m"));
        // The rule is used up as soon as the request has arrived: the next one passes.
        using var patience = new CancellationTokenSource(Patience);
        while (api.Server.Faults.Take("POST", "", false) is { } still)
        {
            api.Server.Faults.Add(still);
            await Task.Delay(5, patience.Token);
        }

        Assert.Equal(404, (await api.SendAsync("GET", $"{ConfigMaps}/m")).Code);
        Assert.False(slow.IsCompleted);
        while (!slow.IsCompleted)
        {
            clock.Advance(TimeSpan.FromHours(1));
            await Task.Delay(5, patience.Token);
        }

        Assert.Equal("m", Text(await slow, "metadata", "name"));
    }

    [Fact]
    public async Task A_silent_watch_opens_and_says_nothing()
    {
        await using var api = await ApiTestServer.StartAsync();
        api.Server.Faults.Add(new FaultRule { Watch = true, Silent = true });
        await api.CreateAsync(ConfigMaps, ConfigMap("m"));

        using var silent = await api.OpenAsync("GET", $"{ConfigMaps}?watch=true");
        using var spoken = await api.OpenAsync("GET", $"{ConfigMaps}?watch=true");
        using var silentReader = new StreamReader(await silent.Content.ReadAsStreamAsync());
        using var spokenReader = new StreamReader(await spoken.Content.ReadAsStreamAsync());
        var nothing = silentReader.ReadLineAsync();
        Assert.Contains("ADDED", await spokenReader.ReadLineAsync().WaitAsync(Patience), StringComparison.Ordinal);
        await api.MergeAsync($"{ConfigMaps}/m", """{"data":{"key":"2"}}""");
        Assert.Contains("MODIFIED", await spokenReader.ReadLineAsync().WaitAsync(Patience), StringComparison.Ordinal);
        Assert.False(nothing.IsCompleted);
    }

    [Fact]
    public async Task Dropped_watches_end_and_can_go_on_from_their_version()
    {
        await using var api = await ApiTestServer.StartAsync();
        var version = Text(await api.GetAsync(ConfigMaps), "metadata", "resourceVersion");
        using var watch = await api.OpenAsync("GET", $"{ConfigMaps}?watch=true&resourceVersion={version}");
        using var reader = new StreamReader(await watch.Content.ReadAsStreamAsync());
        Assert.Equal(200, (await api.SendAsync("POST", "/sandbox/drop-watches")).Code);
        Assert.Null(await reader.ReadLineAsync().WaitAsync(Patience));

        await api.CreateAsync(ConfigMaps, ConfigMap("m"));
        using var next = await api.OpenAsync("GET", $"{ConfigMaps}?watch=true&resourceVersion={version}");
        using var nextReader = new StreamReader(await next.Content.ReadAsStreamAsync());
        Assert.Contains("\"m\"", await nextReader.ReadLineAsync().WaitAsync(Patience), StringComparison.Ordinal);
    }
}
