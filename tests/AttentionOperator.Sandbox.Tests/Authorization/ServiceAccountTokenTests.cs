using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Tests.Api;
using Microsoft.Extensions.Time.Testing;
using static AttentionOperator.Sandbox.Tests.Api.ApiTestServer;

namespace AttentionOperator.Sandbox.Tests.Authorization;

public sealed class ServiceAccountTokenTests : IDisposable
{
    private const string Accounts = "/api/v1/namespaces/default/serviceaccounts";
    private const string Robot = "system:serviceaccount:default:robot";
    private readonly string _directory = Directory.CreateTempSubdirectory("sandbox-tokens-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_token_names_its_account_until_it_expires()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var api = await StartAsync(new SandboxApiServerOptions { Clock = clock });
        var request = await IssueAsync(api, """{"expirationSeconds":600}""");
        Assert.Equal("600", Text(request, "spec", "expirationSeconds"));
        Assert.Equal(clock.GetUtcNow().AddSeconds(600), DateTimeOffset.Parse(Text(request, "status", "expirationTimestamp"), System.Globalization.CultureInfo.InvariantCulture), TimeSpan.FromSeconds(1));
        var token = Text(request, "status", "token");

        var who = await api.CreateAsync("/apis/authentication.k8s.io/v1/selfsubjectreviews", Body("{}"), token);
        Assert.Equal(Robot, Text(who, "status", "userInfo", "username"));
        Assert.Equal(["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"], who["status"]!["userInfo"]!["groups"]!.AsArray().Select(g => g!.ToString()));
        Assert.Equal("true", Text(await ReviewAsync(api, token), "authenticated"));
        clock.Advance(TimeSpan.FromSeconds(601));
        Assert.Equal("", Text(await ReviewAsync(api, token), "authenticated"));
        Assert.Equal(401, (await api.SendAsync("GET", ConfigMaps, token: token)).Code);
    }

    [Fact]
    public async Task A_forged_or_mangled_token_is_refused()
    {
        await using var api = await StartAsync();
        var token = Text(await IssueAsync(api), "status", "token");
        var parts = token.Split('.');
        foreach (var bad in (string[])[$"{parts[0]}.{parts[1]}.", $"{parts[0]}.{parts[1]}A.{parts[2]}", $"{parts[0]}.{parts[1]}", "x.y.z", "..", "ä.ö.ü", ""])
        {
            Assert.Equal("[invalid bearer token]", Text(await ReviewAsync(api, bad), "error"));
            if (bad.All(char.IsAscii)) Assert.Equal(401, (await api.SendAsync("GET", ConfigMaps, token: bad.Length == 0 ? null : bad)).Code);
        }
    }

    [Fact]
    public async Task A_token_for_another_audience_is_no_key_to_the_api()
    {
        await using var api = await StartAsync();
        var token = Text(await IssueAsync(api, """{"audiences":["vault","db"]}"""), "status", "token");
        Assert.Equal(401, (await api.SendAsync("GET", ConfigMaps, token: token)).Code);
        Assert.Equal("", Text(await ReviewAsync(api, token), "authenticated"));
        var review = await ReviewAsync(api, token, "db", "other");
        Assert.Equal(("true", Robot), (Text(review, "authenticated"), Text(review, "user", "username")));
        Assert.Equal(["db"], review!["audiences"]!.AsArray().Select(a => a!.ToString()));
    }

    [Fact]
    public async Task A_token_ends_with_its_account_and_a_new_account_of_the_name_does_not_revive_it()
    {
        await using var api = await StartAsync();
        var token = Text(await IssueAsync(api), "status", "token");
        await api.SendAsync("DELETE", $"{Accounts}/robot", token: "root");
        Assert.Equal(401, (await api.SendAsync("GET", ConfigMaps, token: token)).Code);
        await api.CreateAsync(Accounts, Body("""{"metadata":{"name":"robot"}}"""), "root");
        Assert.Equal(401, (await api.SendAsync("GET", ConfigMaps, token: token)).Code);
        Assert.Equal(404, (await api.SendAsync("POST", $"{Accounts}/nobody/token", Body("{}"), token: "root")).Code);
    }

    [Fact]
    public async Task A_bound_token_ends_with_its_pod()
    {
        await using var api = await StartAsync();
        const string Pods = "/api/v1/namespaces/default/pods";
        var pod = await api.CreateAsync(Pods, Body("""{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}"""), "root");
        var uid = Text(pod, "metadata", "uid");
        Assert.Equal(409, (await TryIssueAsync(api, """{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"p","uid":"another"}}""")).Code);
        Assert.Equal(404, (await TryIssueAsync(api, """{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"q"}}""")).Code);
        var token = Text(await IssueAsync(api, $$"""{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"p","uid":"{{uid}}"} }"""), "status", "token");
        Assert.Equal(200, (await api.SendAsync("GET", ConfigMaps, token: token)).Code);
        Assert.Equal(200, (await api.SendAsync("DELETE", $"{Pods}/p?gracePeriodSeconds=0", token: "root")).Code);
        Assert.Equal(401, (await api.SendAsync("GET", ConfigMaps, token: token)).Code);
    }

    [Fact]
    public async Task A_lifetime_under_ten_minutes_is_refused()
    {
        await using var api = await StartAsync();
        var (code, status) = await TryIssueAsync(api, """{"expirationSeconds":599}""");
        Assert.Equal(422, code);
        Assert.Equal("spec.expirationSeconds", Text(status!["details"]!["causes"]![0], "field"));
        Assert.Contains("may not specify a duration less than 10 minutes", Text(status, "message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_outlive_a_restart_of_a_server_with_a_data_directory()
    {
        string token;
        await using (var api = await StartAsync(new SandboxApiServerOptions { DataDirectory = _directory })) token = Text(await IssueAsync(api), "status", "token");
        await using var again = await ApiTestServer.StartAsync(new SandboxApiServerOptions { DataDirectory = _directory, Token = "root" });
        Assert.Equal(200, (await again.SendAsync("GET", ConfigMaps, token: token)).Code);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_directory, "service-account.key")));
    }

    [Fact]
    public async Task Only_the_configured_token_is_the_administrator()
    {
        await using var api = await StartAsync();
        Assert.Equal(401, (await api.SendAsync("GET", ConfigMaps)).Code);
        Assert.Equal(401, (await api.SendAsync("GET", ConfigMaps, token: "roots")).Code);
        Assert.Equal(200, (await api.SendAsync("GET", ConfigMaps, token: "root")).Code);
        using var health = await api.OpenAsync("GET", "/readyz");
        Assert.Equal(200, (int)health.StatusCode);
    }

    [Fact]
    public async Task A_void_token_does_not_become_the_administrator_where_everyone_is()
    {
        await using var api = await ApiTestServer.StartAsync();
        var (_, request) = await api.SendAsync("POST", $"{Accounts}/default/token", Body("{}"));
        var token = Text(request, "status", "token");
        Assert.Equal(200, (await api.SendAsync("GET", ConfigMaps, token: token)).Code);
        await api.SendAsync("DELETE", $"{Accounts}/default");
        Assert.Equal(401, (await api.SendAsync("GET", ConfigMaps, token: token)).Code);
        Assert.Equal(200, (await api.SendAsync("GET", ConfigMaps, token: "sandbox")).Code);
    }

    private static async Task<ApiTestServer> StartAsync(SandboxApiServerOptions? options = null)
    {
        var api = await ApiTestServer.StartAsync((options ?? new SandboxApiServerOptions()) with { Token = "root" });
        await api.CreateAsync(Accounts, Body("""{"metadata":{"name":"robot"}}"""), "root");
        return api;
    }

    private static Task<(int Code, JsonNode? Body)> TryIssueAsync(ApiTestServer api, string spec) =>
        api.SendAsync("POST", $"{Accounts}/robot/token", new JsonObject { ["spec"] = JsonNode.Parse(spec) }, token: "root");

    private static async Task<JsonObject> IssueAsync(ApiTestServer api, string spec = "{}")
    {
        var (code, body) = await TryIssueAsync(api, spec);
        Assert.True(code == 201, $"{code}: {body?.ToJsonString()}");
        return body!.AsObject();
    }

    private static async Task<JsonNode?> ReviewAsync(ApiTestServer api, string token, params string[] audiences)
    {
        var spec = new JsonObject { ["token"] = token };
        if (audiences.Length > 0) spec["audiences"] = new JsonArray([.. audiences.Select(a => (JsonNode)JsonValue.Create(a))]);
        return (await api.CreateAsync("/apis/authentication.k8s.io/v1/tokenreviews", new JsonObject { ["spec"] = spec }, "root"))["status"];
    }
}
