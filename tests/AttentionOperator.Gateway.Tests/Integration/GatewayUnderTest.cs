using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Sli;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Gateway.Admission;
using AttentionOperator.Gateway.Forwarding;
using AttentionOperator.Gateway.Hosting;
using AttentionOperator.Gateway.Peers;
using AttentionOperator.Gateway.Routing;
using AttentionOperator.Kube.Objects;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AttentionOperator.Gateway.Tests.Integration;

/// <summary>The whole gateway over real HTTP, fed with models and pods by the test.</summary>
internal sealed class GatewayUnderTest : IAsyncDisposable
{
    public const string Token = "between-us";

    /// <summary>A model that asks for a key of the Secret <c>keys</c>.</summary>
    public static readonly AttentionModelSpec Secured = new() { Security = new SecuritySpec { ApiKeysSecretRef = new V1LocalObjectReference { Name = "keys" } } };

    private readonly WebApplication _app;

    private GatewayUnderTest(WebApplication app, RoutingTableSource source)
    {
        _app = app;
        Source = source;
        var urls = app.Urls.ToList();
        Client = new HttpClient { BaseAddress = new Uri(urls[0]), Timeout = TimeSpan.FromMinutes(2) };
        Admin = new HttpClient { BaseAddress = new Uri(urls[1]), Timeout = TimeSpan.FromMinutes(2) };
    }

    public RoutingTableSource Source { get; }

    public HttpClient Client { get; }

    public HttpClient Admin { get; }

    public IServiceProvider Services => _app.Services;

    /// <param name="change">Of the options.</param>
    /// <param name="readiness">Whether the routes are known; default: from the start.</param>
    public static async Task<GatewayUnderTest> StartAsync(Func<GatewayOptions, GatewayOptions>? change = null, Readiness? readiness = null)
    {
        var source = new RoutingTableSource("ns");
        var options = new GatewayOptions { Address = IPAddress.Loopback, Port = 0, AdminPort = 0, InternalToken = Token, LogLevel = LogLevel.None, MaxBodyBytes = 64 * 1024, Timings = new GatewayTimings { RefusalPause = TimeSpan.FromMilliseconds(100), LoanPatience = TimeSpan.FromMinutes(1) } };
        var app = GatewayHost.Build(change?.Invoke(options) ?? options, source, services => services.AddSingleton<IGatewayReadiness>(readiness ?? new Readiness { IsReady = true }));
        await app.StartAsync();
        return new GatewayUnderTest(app, source);
    }

    public void Apply(string name, AttentionModelSpec? spec, string? target, params (string Revision, int Weight, MockRuntime[] Pods)[] revisions)
    {
        var model = new AttentionModel
        {
            Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "ns" },
            Spec = spec ?? new AttentionModelSpec(),
            Status = new AttentionModelStatus { Traffic = [.. revisions.Where(r => r.Weight >= 0).Select(r => new TrafficTarget { Revision = r.Revision, Weight = r.Weight })], StableRevision = revisions.FirstOrDefault().Revision, TargetRevision = target },
        };
        // One slice per pod, because all pods share an address and differ by port.
        var slices = revisions.SelectMany(r => r.Pods.Select(p => new V1EndpointSlice
        {
            Metadata = new V1ObjectMeta { NamespaceProperty = "ns", Labels = new Dictionary<string, string> { [LabelNames.Model] = name, [LabelNames.Revision] = r.Revision } },
            AddressType = "IPv4",
            Ports = [new Discoveryv1EndpointPort { Name = PortNames.Http, Port = p.Port }],
            Endpoints = [new V1Endpoint { Addresses = ["127.0.0.1"], Conditions = new V1EndpointConditions { Ready = true } }],
        })).ToList();
        Source.Apply(new ObjectKey("ns", name), () => model, () => slices);
    }

    /// <summary>Makes these the keys of the Secret <c>keys</c>: the key itself, which is its id too, and further fields of its entry.</summary>
    public void Keys(params (string Key, string Fields)[] keys) => Services.GetRequiredService<ApiKeyStore>().Set(
        new ObjectKey("ns", "keys"),
        keys.ToDictionary(k => k.Key, k => Encoding.UTF8.GetBytes($$"""{"sha256":"{{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(k.Key)))}}",{{k.Fields}}}""")));

    public void KnowsPeers(params GatewayUnderTest[] others) => Services.GetRequiredService<PeerDirectory>().Set(others.Select(o => o.Admin.BaseAddress!));

    public void Apply(string name, params (string Revision, int Weight, MockRuntime[] Pods)[] revisions) => Apply(name, null, null, revisions);

    public Task<HttpResponseMessage> PostAsync(string json, string path = "/v1/completions", params (string Name, string Value)[] headers) =>
        SendAsync(json, path, HttpCompletionOption.ResponseContentRead, CancellationToken.None, headers);

    public async Task<HttpResponseMessage> SendAsync(string json, string path, HttpCompletionOption completion, CancellationToken cancellation, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await Client.SendAsync(request, completion, cancellation);
    }

    public async Task<ModelSli> SliAsync(string model)
    {
        var snapshot = await Admin.GetFromJsonAsync<SliSnapshot>("/slis", JsonSerializerOptions.Web);
        return snapshot!.Models.Single(m => m.Name == model);
    }

    /// <summary>The counters once they satisfy a condition: they are written after the client has its answer.</summary>
    public async Task<ModelSli> SliAsync(string model, Func<ModelSli, bool> when)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            var sli = await SliAsync(model);
            if (when(sli)) return sli;
            await Task.Delay(10, limit.Token);
        }
    }

    /// <summary>The texts of a stream's choices, and all its data lines.</summary>
    public static (string Text, List<string> Data) ReadStream(string body)
    {
        var data = body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(e => e.StartsWith("data: ", StringComparison.Ordinal)).Select(e => e["data: ".Length..]).ToList();
        var text = string.Concat(data.Where(d => d.StartsWith('{')).Select(d => JsonNode.Parse(d)!["choices"] is JsonArray { Count: > 0 } choices ? choices[0]!["text"]!.GetValue<string>() : ""));
        return (text, data);
    }

    public static async Task<JsonNode> ErrorOf(HttpResponseMessage response) => JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!;

    /// <summary>Ends as after SIGTERM: what runs is finished.</summary>
    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Admin.Dispose();
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    internal sealed class Readiness : IGatewayReadiness
    {
        public bool IsReady { get; set; }
    }
}
