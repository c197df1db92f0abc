using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;

namespace AttentionOperator.Sandbox.Tests.Api;

/// <summary>An API server of this process and a client that speaks to it in the API's own terms.</summary>
internal sealed class ApiTestServer : IAsyncDisposable
{
    public const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private ApiTestServer(SandboxApiServer server)
    {
        Server = server;
        var handler = new SocketsHttpHandler { UseProxy = false };
        if (server.Options.Certificate is { } expected)
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == expected.GetCertHashString();
        Client = new HttpClient(handler) { BaseAddress = server.Uri, Timeout = Patience };
    }

    public SandboxApiServer Server { get; }

    public HttpClient Client { get; }

    public static async Task<ApiTestServer> StartAsync(SandboxApiServerOptions? options = null) => new(await SandboxApiServer.StartAsync(options));

    public static JsonObject Body(string text) => JsonNode.Parse(text)!.AsObject();

    public static JsonObject ConfigMap(string name, string value = "1") =>
        new() { ["metadata"] = new JsonObject { ["name"] = name }, ["data"] = new JsonObject { ["key"] = value } };

    public static string Text(JsonNode? node, params string[] path) => path.Aggregate(node, (n, step) => n?[step])?.ToString() ?? "";

    public async Task<HttpResponseMessage> OpenAsync(string method, string path, JsonNode? body = null, string contentType = "application/json", string? token = null, CancellationToken cancellation = default)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null) request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue(contentType));
        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
    }

    public async Task<(int Code, JsonNode? Body)> SendAsync(string method, string path, JsonNode? body = null, string contentType = "application/json", string? token = null)
    {
        using var response = await OpenAsync(method, path, body, contentType, token);
        var text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, text.Length == 0 ? null : text[0] is '{' or '[' ? JsonNode.Parse(text) : JsonValue.Create(text));
    }

    public async Task<JsonObject> CreateAsync(string path, JsonObject obj, string? token = null)
    {
        var (code, body) = await SendAsync("POST", path, obj, token: token);
        Assert.True(code == 201, $"{code}: {body?.ToJsonString()}");
        return body!.AsObject();
    }

    public async Task<JsonObject> GetAsync(string path)
    {
        var (code, body) = await SendAsync("GET", path);
        Assert.True(code == 200, $"{code}: {body?.ToJsonString()}");
        return body!.AsObject();
    }

    public Task<(int Code, JsonNode? Body)> MergeAsync(string path, string patch) => SendAsync("PATCH", path, Body(patch), "application/merge-patch+json");

    /// <summary>A Service in the default namespace whose only endpoint listens on a port of 127.0.0.1.</summary>
    public async Task ExposeAsync(string name, int port)
    {
        await CreateAsync("/api/v1/namespaces/default/services", Body($$"""{"metadata":{"name":"{{name}}"},"spec":{"ports":[{"name":"https","port":443}]} }"""));
        await CreateAsync("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", Body($$"""
            {"metadata":{"name":"{{name}}-1","labels":{"kubernetes.io/service-name":"{{name}}"} },"addressType":"IPv4",
             "endpoints":[{"addresses":["127.0.0.9"],"conditions":{"ready":false} },{"addresses":["127.0.0.1"],"conditions":{"ready":true} }],
             "ports":[{"name":"https","port":{{port}},"protocol":"TCP"}]}
            """));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
    }
}
