using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Tests.Api;
using Microsoft.AspNetCore.Http;

namespace AttentionOperator.Sandbox.Tests.Admission;

/// <summary>An admission webhook over HTTPS that keeps what it was asked.</summary>
internal sealed class Webhook : IAsyncDisposable
{
    private readonly TestCertificates _certificates = new();
    private HttpsEndpoint? _endpoint;
    private int _port;

    public ConcurrentQueue<JsonObject> Requests { get; } = new();

    public string CaBundle => _certificates.CaBundle;

    public string Url => $"https://127.0.0.1:{_port}/admit";

    public int Port => _port;

    /// <param name="answer">From the review's request to its response, without the uid.</param>
    public static Task<Webhook> StartAsync(Func<JsonObject, JsonObject> answer, params string[] names) => StartAsync((request, _) => Task.FromResult(answer(request)), names);

    public static async Task<Webhook> StartAsync(Func<JsonObject, HttpContext, Task<JsonObject>> answer, params string[] names)
    {
        var webhook = new Webhook();
        webhook._endpoint = await HttpsEndpoint.StartAsync(webhook._certificates.ForServer(names.Length == 0 ? ["127.0.0.1"] : names), async context =>
        {
            var review = (await JsonNode.ParseAsync(context.Request.Body))!.AsObject();
            var request = review["request"]!.AsObject();
            webhook.Requests.Enqueue(review);
            var response = await answer(request, context);
            if (!response.ContainsKey("uid")) response["uid"] = request["uid"]!.DeepClone();
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(new JsonObject { ["apiVersion"] = "admission.k8s.io/v1", ["kind"] = "AdmissionReview", ["response"] = response }.ToJsonString());
        });
        webhook._port = webhook._endpoint.Uri.Port;
        return webhook;
    }

    public static JsonObject Allow() => new() { ["allowed"] = true };

    public static JsonObject Deny(string? status = null) => new() { ["allowed"] = false, ["status"] = status is null ? null : JsonNode.Parse(status) };

    public static JsonObject Patch(string operations) =>
        new() { ["allowed"] = true, ["patchType"] = "JSONPatch", ["patch"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(operations)) };

    /// <summary>Registers for ConfigMaps (or other rules), with what a test sets differently in <paramref name="change"/>.</summary>
    public Task RegisterAsync(ApiTestServer api, string kind, string name, Action<JsonObject>? change = null)
    {
        var hook = ApiTestServer.Body($$"""
            {"name":"{{name}}.example.com","admissionReviewVersions":["v1"],"sideEffects":"None",
             "clientConfig":{"url":"{{Url}}","caBundle":"{{CaBundle}}"},
             "rules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["*"],"resources":["configmaps"]}]}
            """);
        change?.Invoke(hook);
        return api.CreateAsync($"/apis/admissionregistration.k8s.io/v1/{kind.ToLowerInvariant()}s", new JsonObject { ["kind"] = kind, ["apiVersion"] = "admissionregistration.k8s.io/v1", ["metadata"] = new JsonObject { ["name"] = name }, ["webhooks"] = new JsonArray(hook) });
    }

    public Task MutatingAsync(ApiTestServer api, string name = "mutate", Action<JsonObject>? change = null) => RegisterAsync(api, "MutatingWebhookConfiguration", name, change);

    public Task ValidatingAsync(ApiTestServer api, string name = "validate", Action<JsonObject>? change = null) => RegisterAsync(api, "ValidatingWebhookConfiguration", name, change);

    public async ValueTask DisposeAsync()
    {
        if (_endpoint is not null) await _endpoint.DisposeAsync();
        _certificates.Dispose();
    }
}
