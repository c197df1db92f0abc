using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Api.Sli;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Observation;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AttentionOperator.Tests.OverHttp;

/// <summary>The metrics APIs through the aggregation layer: an APIService, a Service, front-proxy certificates, access reviews.</summary>
public sealed class AggregatedMetricsTests
{
    private const string Path = "apis/external.metrics.k8s.io/v1beta1/namespaces/default/attention_queue_depth?labelSelector=model%3Dchat";

    [Fact]
    public async Task Any_replica_answers_through_the_aggregation_layer()
    {
        await using var cluster = await Cluster.StartAsync();
        await using var gateway = await Gateway.StartAsync(queued: 12);
        await cluster.CreateModelAsync("chat", "{model: {uri: 'pvc://models/v1'}, scaling: {maxReplicas: 4, queueDepthPerReplica: 2}}");
        var (leader, _) = await cluster.StartOperatorAsync("one", leaderElection: true, secure: true);
        var (standby, _) = await cluster.StartOperatorAsync("two", leaderElection: true, secure: true);
        await AdvertiseAsync(cluster, "attention-gateway", "gateway", "admin", gateway.Port);
        await cluster.Api.CreateAsync(ApiServices, "", Json(ApiService("v1beta1", "external.metrics.k8s.io")), default);

        foreach (var app in (WebApplication[])[standby, leader])
        {
            await AdvertiseAsync(cluster, "attention-operator", "operator", "https", new Uri(app.Urls.Single(url => url.StartsWith("https", StringComparison.Ordinal))).Port);
            var answer = await EventuallyAsync(cluster, Path, document => document["items"] is JsonArray { Count: 1 });
            Assert.Equal("ExternalMetricValueList", (string)answer["kind"]!);
            Assert.Equal("external.metrics.k8s.io/v1beta1", (string)answer["apiVersion"]!);
            Assert.Equal(("attention_queue_depth", "chat", "12"), ((string)answer["items"]![0]!["metricName"]!, (string)answer["items"]![0]!["metricLabels"]!["model"]!, (string)answer["items"]![0]!["value"]!));
            var resources = await EventuallyAsync(cluster, "apis/external.metrics.k8s.io/v1beta1", document => (string?)document["kind"] == "APIResourceList");
            Assert.Contains(resources["resources"]!.AsArray(), resource => (string)resource!["name"]! == "attention_ttft_p95_seconds" && (bool)resource["namespaced"]!);
        }

        // Nobody else's model and nobody else's metric.
        Assert.Empty((await ReadAsync(cluster, Path.Replace("chat", "other", StringComparison.Ordinal))).Document["items"]!.AsArray());
        Assert.Equal(404, (await ReadAsync(cluster, Path.Replace("queue_depth", "nonsense", StringComparison.Ordinal))).Code);

        // A gateway that is silent makes the value unknown, not small.
        await gateway.DisposeAsync();
        var refused = await EventuallyAsync(cluster, Path, document => (int?)document["code"] == 503);
        Assert.Contains("not known now", (string)refused["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_front_proxys_certificate_nobody_is_known()
    {
        await using var cluster = await Cluster.StartAsync();
        var (app, _) = await cluster.StartOperatorAsync(secure: true);
        var address = app.Urls.Single(url => url.StartsWith("https", StringComparison.Ordinal));
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, certificate, _, _) => certificate!.Subject.Contains("attention-operator", StringComparison.Ordinal) };
        using var client = new HttpClient(handler);
        client.DefaultRequestHeaders.Add("X-Remote-User", "system:admin");
        client.DefaultRequestHeaders.Add("X-Remote-Group", "system:masters");
        HttpStatusCode status;
        do
        {
            // Before the first certificate is issued, there is no handshake.
            status = await StatusAsync(client, $"{address}/{Path}");
        }
        while (status == 0);
        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, $"{address}/healthz"));
        // The admin port's paths are not here, and these are not there.
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(client, $"{address}/metrics"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(client, $"{app.Urls.Single(url => url.StartsWith("http:", StringComparison.Ordinal))}/{Path}"));
    }

    [Fact]
    public async Task The_autoscaler_is_made_kept_and_taken_away()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.StartOperatorAsync();
        await cluster.CreateModelAsync("chat", "{model: {uri: 'pvc://models/v1'}, scaling: {maxReplicas: 4, queueDepthPerReplica: 2, metricsApi: Prometheus, behavior: {scaleDown: {stabilizationWindowSeconds: 10, policies: [{type: Pods, value: 1, periodSeconds: 5}]}}}}");
        var autoscaler = await cluster.UntilAsync(() => cluster.Get<V2HorizontalPodAutoscaler>(ResourceKinds.Autoscaler, "chat"));
        Assert.Equal((1, 4, 10), (autoscaler.Spec.MinReplicas, autoscaler.Spec.MaxReplicas, autoscaler.Spec.Behavior.ScaleDown.StabilizationWindowSeconds));
        await cluster.UntilAsync(() => cluster.Get<V1ConfigMap>(ResourceKinds.ConfigMap, "chat-scaling"));
        var version = autoscaler.Metadata.ResourceVersion;
        // A pass for another reason leaves it alone.
        await cluster.PatchAsync(ResourceKinds.Model, "chat", "metadata: {annotations: {note: again}}");
        await cluster.PatchAsync(ResourceKinds.Model, "chat", "spec: {scaling: {metricsApi: External}}");
        await cluster.UntilAsync(() => cluster.Get<V1ConfigMap>(ResourceKinds.ConfigMap, "chat-scaling") is null ? "gone" : null);
        Assert.Equal(version, cluster.Get<V2HorizontalPodAutoscaler>(ResourceKinds.Autoscaler, "chat")!.Metadata.ResourceVersion);
        await cluster.PatchAsync(ResourceKinds.Model, "chat", "spec: {scaling: {mode: Operator}}");
        await cluster.UntilAsync(() => cluster.Get<V2HorizontalPodAutoscaler>(ResourceKinds.Autoscaler, "chat") is null ? "gone" : null);
    }

    [Fact]
    public async Task Somebody_elses_APIService_is_left_alone()
    {
        var ours = JsonDocument.Parse(Json(ApiService("v1beta1", "external.metrics.k8s.io"))).RootElement;
        var service = new ObjectKey("default", "attention-operator");
        Assert.NotNull(AttentionOperator.AggregatedMetrics.ApiServiceTrust.Patch(ours, "v1beta1.external.metrics.k8s.io", service, [1, 2, 3]));
        Assert.Null(AttentionOperator.AggregatedMetrics.ApiServiceTrust.Patch(ours, "v1beta1.external.metrics.k8s.io", new ObjectKey("keda", "keda-operator-metrics-apiserver"), [1, 2, 3]));
        await Task.CompletedTask;
    }

    private static readonly ResourceKind ApiServices = new("apiregistration.k8s.io", "v1", "apiservices", "APIService", false);
    private static readonly ResourceKind Slices = new("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice");

    private static async Task AdvertiseAsync(Cluster cluster, string service, string component, string port, int number)
    {
        var labels = new JsonObject { ["app.kubernetes.io/component"] = component, ["kubernetes.io/service-name"] = service };
        await cluster.Api.ApplyAsync(ResourceKinds.Service, new ObjectKey("default", service), Json(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Service",
            ["metadata"] = new JsonObject { ["name"] = service, ["namespace"] = "default" },
            ["spec"] = new JsonObject { ["ports"] = new JsonArray(new JsonObject { ["name"] = port, ["port"] = 443, ["targetPort"] = 9443 }) },
        }), "test", true, null, default);
        await cluster.Api.ApplyAsync(Slices, new ObjectKey("default", service), Json(new JsonObject
        {
            ["apiVersion"] = "discovery.k8s.io/v1",
            ["kind"] = "EndpointSlice",
            ["metadata"] = new JsonObject { ["name"] = service, ["namespace"] = "default", ["labels"] = labels },
            ["addressType"] = "IPv4",
            ["ports"] = new JsonArray(new JsonObject { ["name"] = port, ["port"] = number }),
            ["endpoints"] = new JsonArray(new JsonObject { ["addresses"] = new JsonArray("127.0.0.1"), ["conditions"] = new JsonObject { ["ready"] = true } }),
        }), "test", true, null, default);
    }

    private static JsonObject ApiService(string version, string group) => new()
    {
        ["apiVersion"] = "apiregistration.k8s.io/v1",
        ["kind"] = "APIService",
        ["metadata"] = new JsonObject { ["name"] = $"{version}.{group}" },
        ["spec"] = new JsonObject
        {
            ["group"] = group,
            ["version"] = version,
            ["groupPriorityMinimum"] = 100,
            ["versionPriority"] = 100,
            ["service"] = new JsonObject { ["namespace"] = "default", ["name"] = "attention-operator", ["port"] = 443 },
        },
    };

    private static byte[] Json(JsonObject value) => JsonSerializer.SerializeToUtf8Bytes(value);

    private static async Task<(int Code, JsonNode Document)> ReadAsync(Cluster cluster, string path)
    {
        using var response = await cluster.Api.Connection.SendAsync(HttpMethod.Get, path, null, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, text.Length > 0 && text[0] == '{' ? JsonNode.Parse(text)! : new JsonObject());
    }

    private static async Task<JsonNode> EventuallyAsync(Cluster cluster, string path, Func<JsonNode, bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var (code, document) = await ReadAsync(cluster, path);
            if (condition(document))
            {
                return document;
            }

            if (patience.IsCancellationRequested)
            {
                throw new TimeoutException($"{path} answers {code}: {document.ToJsonString()}");
            }

            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string address)
    {
        try
        {
            using var response = await client.GetAsync(new Uri(address), TestContext.Current.CancellationToken);
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }

    /// <summary>Answers as a gateway's admin port does.</summary>
    private sealed class Gateway(WebApplication app) : IAsyncDisposable
    {
        public int Port { get; } = new Uri(app.Urls.First()).Port;

        public static async Task<Gateway> StartAsync(long queued)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            app.MapGet("/slis", () => Results.Json(new SliSnapshot { Instance = "one", StartedAt = DateTimeOffset.UtcNow, Models = [new ModelSli { Namespace = "default", Name = "chat", Queued = queued }] }));
            await app.StartAsync();
            return new Gateway(app);
        }

        public async ValueTask DisposeAsync() => await app.DisposeAsync();
    }
}
