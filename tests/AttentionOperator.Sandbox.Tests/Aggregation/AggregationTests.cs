using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Tests.Api;
using Microsoft.AspNetCore.Http;
using static AttentionOperator.Sandbox.Tests.Api.ApiTestServer;

namespace AttentionOperator.Sandbox.Tests.Aggregation;

public sealed class AggregationTests : IDisposable
{
    private const string ApiServices = "/apis/apiregistration.k8s.io/v1/apiservices";
    private const string Metrics = "/apis/metrics.example.com/v1";
    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task A_request_is_forwarded_with_its_query_and_body_and_the_answer_returned()
    {
        await using var api = await ApiTestServer.StartAsync();
        await using var extension = await ExtensionAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            context.Response.StatusCode = 202;
            context.Response.Headers["X-Extension"] = "here";
            await context.Response.WriteAsJsonAsync(new { method = context.Request.Method, path = context.Request.Path.Value, query = context.Request.QueryString.Value, body = await reader.ReadToEndAsync() });
        });
        await RegisterAsync(api, extension);

        using var response = await api.OpenAsync("POST", $"{Metrics}/namespaces/default/things?a=b%20c", Body("""{"x":1}"""));
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync());

        Assert.Equal(202, (int)response.StatusCode);
        Assert.Equal("here", Assert.Single(response.Headers.GetValues("X-Extension")));
        Assert.Equal(("POST", $"{Metrics}/namespaces/default/things", "?a=b%20c", """{"x":1}"""), (Text(body, "method"), Text(body, "path"), Text(body, "query"), Text(body, "body")));
    }

    [Fact]
    public async Task The_aggregator_vouches_for_the_user_with_its_own_certificate()
    {
        await using var api = await ApiTestServer.StartAsync();
        var trusted = false;
        var authority = Text(await api.GetAsync("/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication"), "data", "requestheader-client-ca-file");
        var headers = new Dictionary<string, string[]>(StringComparer.OrdinalIgnoreCase);
        await using var extension = await ExtensionAsync(context =>
        {
            // The server's own probe asks for the discovery document, whenever it likes.
            if (!context.Request.Path.Value!.EndsWith("/things", StringComparison.Ordinal)) return Task.CompletedTask;
            trusted = IsSignedBy(context.Connection.ClientCertificate, authority);
            foreach (var (name, values) in context.Request.Headers) headers[name] = values.ToArray()!;
            return Task.CompletedTask;
        });
        await RegisterAsync(api, extension);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Metrics}/things");
        request.Headers.TryAddWithoutValidation("authorization", "Bearer secret");
        request.Headers.TryAddWithoutValidation("x-remote-user", "somebody");
        request.Headers.TryAddWithoutValidation("X-Remote-Group", "system:masters-of-the-universe");
        request.Headers.TryAddWithoutValidation("X-Remote-Extra-Scopes", "all");
        using var response = await api.Client.SendAsync(request);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.True(trusted);
        Assert.Equal(["kubernetes-admin"], headers["X-Remote-User"]);
        Assert.Equal(["system:masters", "system:authenticated"], headers["X-Remote-Group"].SelectMany(v => v.Split(',', StringSplitOptions.TrimEntries)));
        Assert.DoesNotContain("Authorization", headers.Keys);
        Assert.DoesNotContain("X-Remote-Extra-Scopes", headers.Keys);
    }

    [Fact]
    public async Task Discovery_lists_the_group_and_forgets_it_with_the_registration()
    {
        await using var api = await ApiTestServer.StartAsync();
        await using var extension = await ExtensionAsync(context => context.Response.WriteAsJsonAsync(new { kind = "APIResourceList", groupVersion = "metrics.example.com/v1" }));
        Assert.Equal(404, (await api.SendAsync("GET", Metrics)).Code);
        await RegisterAsync(api, extension);

        Assert.Contains("metrics.example.com", Groups(await api.GetAsync("/apis")));
        Assert.Equal("metrics.example.com/v1", Text(await api.GetAsync(Metrics), "groupVersion"));
        Assert.Equal("metrics.example.com/v1", Text(await api.GetAsync("/apis/metrics.example.com"), "preferredVersion", "groupVersion"));
        await AvailableAsync(api, "True", "Passed");

        Assert.Equal(200, (await api.SendAsync("DELETE", $"{ApiServices}/v1.metrics.example.com")).Code);
        Assert.DoesNotContain("metrics.example.com", Groups(await api.GetAsync("/apis")));
        Assert.Equal(404, (await api.SendAsync("GET", Metrics)).Code);
    }

    [Fact]
    public async Task Availability_follows_the_service_its_endpoints_and_its_discovery()
    {
        await using var api = await ApiTestServer.StartAsync();
        using var strangers = new TestCertificates();
        await using var extension = await ExtensionAsync(context => context.Response.WriteAsJsonAsync(new { kind = "APIResourceList", groupVersion = "metrics.example.com/v1" }));
        await api.CreateAsync(ApiServices, Registration(strangers.CaBundle));
        await AvailableAsync(api, "False", "ServiceNotFound");
        await api.ExposeAsync("extension", extension.Uri.Port);
        await AvailableAsync(api, "False", "FailedDiscoveryCheck");
        await api.MergeAsync($"{ApiServices}/v1.metrics.example.com", $$"""{"spec":{"caBundle":"{{_certificates.CaBundle}}"} }""");
        await AvailableAsync(api, "True", "Passed");
        Assert.Equal(200, (await api.SendAsync("DELETE", "/api/v1/namespaces/default/services/extension")).Code);
        await AvailableAsync(api, "False", "ServiceNotFound");
    }

    [Fact]
    public async Task A_stream_flows_while_it_is_written()
    {
        await using var api = await ApiTestServer.StartAsync();
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var extension = await ExtensionAsync(async context =>
        {
            await context.Response.WriteAsync("first\n");
            await context.Response.Body.FlushAsync();
            await seen.Task.WaitAsync(Patience);
            await context.Response.WriteAsync("second\n");
        });
        await RegisterAsync(api, extension);

        using var response = await api.OpenAsync("GET", $"{Metrics}/things?watch=true");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal("first", await reader.ReadLineAsync());
        seen.SetResult();
        Assert.Equal("second", await reader.ReadLineAsync());
        Assert.Null(await reader.ReadLineAsync());
    }

    [Fact]
    public async Task Without_a_service_an_endpoint_or_trust_it_is_unavailable()
    {
        await using var api = await ApiTestServer.StartAsync();
        using var strangers = new TestCertificates();
        await using var extension = await ExtensionAsync(_ => Task.CompletedTask);
        await api.CreateAsync(ApiServices, Registration(strangers.CaBundle));
        var (code, status) = await api.SendAsync("GET", $"{Metrics}/things");
        Assert.Equal((503, "ServiceUnavailable"), (code, Text(status, "reason")));
        Assert.Contains("service \"extension\" not found", Text(status, "message"), StringComparison.Ordinal);

        await api.ExposeAsync("extension", extension.Uri.Port);
        Assert.Equal(503, (await api.SendAsync("GET", $"{Metrics}/things")).Code);

        var (_, live) = await api.MergeAsync($"{ApiServices}/v1.metrics.example.com", $$"""{"spec":{"caBundle":"{{_certificates.CaBundle}}"} }""");
        Assert.Equal(_certificates.CaBundle, Text(live, "spec", "caBundle"));
        Assert.Equal(200, (await api.SendAsync("GET", $"{Metrics}/things")).Code);
    }

    [Fact]
    public async Task Rights_are_asked_before_a_request_is_forwarded()
    {
        await using var api = await ApiTestServer.StartAsync(new SandboxApiServerOptions { EnforceRbac = true });
        var users = new List<string>();
        await using var extension = await ExtensionAsync(context =>
        {
            // The server itself asks for the group's discovery.
            if (context.Request.Path != Metrics) users.Add(context.Request.Headers["X-Remote-User"].ToString());
            return Task.CompletedTask;
        });
        await RegisterAsync(api, extension);
        var (_, request) = await api.SendAsync("POST", "/api/v1/namespaces/default/serviceaccounts/default/token", Body("""{"spec":{}}"""));
        var token = Text(request, "status", "token");

        var (code, status) = await api.SendAsync("GET", $"{Metrics}/namespaces/default/things", token: token);
        Assert.Equal(403, code);
        Assert.Equal("things.metrics.example.com is forbidden: User \"system:serviceaccount:default:default\" cannot list resource \"things\" in API group \"metrics.example.com\" in the namespace \"default\"", Text(status, "message"));
        Assert.Empty(users);

        await api.CreateAsync("/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles", Body("""{"metadata":{"name":"r"},"rules":[{"apiGroups":["metrics.example.com"],"resources":["things"],"verbs":["list"]}]}"""));
        await api.CreateAsync("/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings", Body("""{"metadata":{"name":"b"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"},"subjects":[{"kind":"ServiceAccount","name":"default","namespace":"default"}]}"""));
        Assert.Equal(200, (await api.SendAsync("GET", $"{Metrics}/namespaces/default/things", token: token)).Code);
        Assert.Equal(["system:serviceaccount:default:default"], users);
    }

    private static async Task AvailableAsync(ApiTestServer api, string status, string reason)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var response = await api.OpenAsync("GET", $"{ApiServices}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(patience.Token));
        var seen = "";
        while (await reader.ReadLineAsync(patience.Token) is { } line)
        {
            var condition = (JsonNode.Parse(line)!["object"]!["status"]?["conditions"] as JsonArray)?.FirstOrDefault(c => Text(c, "type") == "Available");
            seen = condition?.ToJsonString() ?? seen;
            if ((Text(condition, "status"), Text(condition, "reason")) == (status, reason)) return;
        }

        Assert.Fail($"Available stayed at {seen}.");
    }

    private Task<HttpsEndpoint> ExtensionAsync(RequestDelegate handle) => HttpsEndpoint.StartAsync(_certificates.ForServer("extension.default.svc"), handle);

    private async Task RegisterAsync(ApiTestServer api, HttpsEndpoint extension)
    {
        await api.ExposeAsync("extension", extension.Uri.Port);
        await api.CreateAsync(ApiServices, Registration(_certificates.CaBundle));
    }

    private static JsonObject Registration(string caBundle) => Body($$"""
        {"metadata":{"name":"v1.metrics.example.com"},"spec":{"group":"metrics.example.com","version":"v1","groupPriorityMinimum":100,"versionPriority":10,
         "caBundle":"{{caBundle}}","service":{"namespace":"default","name":"extension"} } }
        """);

    private static IEnumerable<string> Groups(JsonObject list) => list["groups"]!.AsArray().Select(g => Text(g, "name"));

    private static bool IsSignedBy(X509Certificate2? certificate, string authorityPem)
    {
        if (certificate is null || certificate.GetNameInfo(X509NameType.SimpleName, false) != "front-proxy-client") return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(authorityPem);
        return chain.Build(certificate);
    }
}
