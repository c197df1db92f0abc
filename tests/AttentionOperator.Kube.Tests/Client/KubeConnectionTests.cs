using System.Net;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Leases;
using AttentionOperator.Kube.Metrics;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Kube.Tests.Support;
using k8s;
using Microsoft.AspNetCore.Http;
using Prometheus;

namespace AttentionOperator.Kube.Tests.Client;

public sealed class KubeConnectionTests
{
    [Fact]
    public async Task KubeConfig_IsRead_AndRequestsCarryTokenAndUserAgent()
    {
        await using ApiServer server = await ApiServer.StartAsync();
        string? authorization = null;
        server.Intercept = (context, _) =>
        {
            authorization = context.Request.Headers.Authorization;
            return Task.FromResult(false);
        };
        string file = Path.Combine(Path.GetTempPath(), $"kubeconfig-{Guid.NewGuid():n}");
        await File.WriteAllTextAsync(file, $$"""
            apiVersion: v1
            kind: Config
            current-context: c
            contexts: [{name: c, context: {cluster: k, user: u, namespace: models} }]
            clusters: [{name: k, cluster: { server: "{{server.Address}}" } }]
            users: [{name: u, user: {token: sesame} }]
            """);
        try
        {
            using KubeConnection connection = KubeConnection.Create(new KubeConnectionOptions { KubeConfig = file, UserAgent = "my-operator/1.2" });
            Assert.Equal("models", connection.Namespace);
            Assert.Null(await new KubeApi(connection).GetAsync(ApiServer.ConfigMaps, new ObjectKey("ns", "a"), CancellationToken.None));
            Assert.Equal("Bearer sesame", authorization);
            Assert.Equal("my-operator/1.2", server.Requests.Items[0].UserAgent);

            using KubeConnection lease = KubeConnection.CreateForLease(new KubeConnectionOptions { KubeConfig = file, UserAgent = "my-operator/1.2" });
            await new KubeLeaseStore(lease, "ns", "l").GetAsync(CancellationToken.None);
            Assert.Equal("my-operator/1.2/lease", server.Requests.Items[1].UserAgent);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task LeaseOnItsOwnConnection_IsNotStarvedByABusyClient()
    {
        await using ApiServer server = await ApiServer.StartAsync();
        using KubeConnection busy = server.Connect(new KubeConnectionOptions { QueriesPerSecond = 0.001, Burst = 1 });
        using KubeConnection own = server.Connect(new KubeConnectionOptions { QueriesPerSecond = 0 });
        var api = new KubeApi(busy);
        using var stop = new CancellationTokenSource();
        Task[] stuck = [.. Enumerable.Range(0, 50).Select(i => api.GetAsync(ApiServer.ConfigMaps, new ObjectKey("ns", $"o{i}"), stop.Token))];

        var store = new KubeLeaseStore(own, "ns", "lease");
        var record = new LeaseRecord("me", TimeSpan.FromSeconds(15), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 0);
        LeaseState state = (await store.CreateAsync(record, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60)))!;
        for (int i = 0; i < 20; i++)
        {
            state = (await store.UpdateAsync(state, record with { RenewedAt = record.RenewedAt.AddSeconds(i) }, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60)))!;
        }

        Assert.Equal(record with { RenewedAt = record.RenewedAt.AddSeconds(19) }, (await store.GetAsync(CancellationToken.None))!.Record);
        Assert.Contains(stuck, t => !t.IsCompleted);
        await stop.CancelAsync();
        await Task.WhenAll(stuck.Select(t => t.ContinueWith(_ => { }, TaskScheduler.Default)));
    }

    [Fact]
    public async Task LeaseStore_ConflictsAreNull_AndForeignFieldsStay()
    {
        await using ApiServer server = await ApiServer.StartAsync();
        using KubeConnection connection = server.Connect();
        var store = new KubeLeaseStore(connection, "ns", "lease");
        var record = new LeaseRecord("me", TimeSpan.FromSeconds(15), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddTicks(10), 2);
        Assert.Null(await store.GetAsync(CancellationToken.None));
        LeaseState first = (await store.CreateAsync(record, CancellationToken.None))!;
        Assert.Null(await store.CreateAsync(record, CancellationToken.None));
        server.Put("/apis/coordination.k8s.io/v1/namespaces/ns/leases", "lease", o => o["metadata"]!["labels"] = new System.Text.Json.Nodes.JsonObject { ["team"] = "x" });
        Assert.Null(await store.UpdateAsync(first, record, CancellationToken.None));

        LeaseState current = (await store.GetAsync(CancellationToken.None))!;
        await store.UpdateAsync(current, record with { Holder = "other" }, CancellationToken.None);
        string body = server.Requests.Items.Last(r => r.Method == "PUT").Body;
        Assert.Contains("\"team\":\"x\"", body, StringComparison.Ordinal);
        Assert.Contains("\"renewTime\":\"1970-01-01T00:00:00.000001Z\"", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Error_CarriesReasonMessageAndCauses()
    {
        await using ApiServer server = await ApiServer.StartAsync();
        server.Intercept = async (context, _) =>
        {
            context.Response.StatusCode = 422;
            await context.Response.WriteAsync("""{"kind":"Status","code":422,"reason":"Invalid","message":"spec.x: Required value","details":{"causes":[{"reason":"FieldValueRequired","message":"Required value","field":"spec.x"}]}}""");
            return true;
        };
        using KubeConnection connection = server.Connect();
        KubeApiException e = await Assert.ThrowsAsync<KubeApiException>(() => new KubeApi(connection).CreateAsync(ApiServer.ConfigMaps, "ns", "{}"u8.ToArray(), CancellationToken.None));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "Invalid"), (e.Status, e.Reason));
        Assert.Equal(new StatusCause("FieldValueRequired", "spec.x", "Required value"), Assert.Single(e.Causes));
        Assert.Contains("spec.x: Required value", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/api/v1/namespaces/ns/pods", "list")]
    [InlineData("GET", "/api/v1/pods", "list")]
    [InlineData("GET", "/api/v1/pods?watch=true&resourceVersion=1", "watch")]
    [InlineData("GET", "/api/v1/namespaces/ns/pods/a", "get")]
    [InlineData("GET", "/api/v1/namespaces/ns", "get")]
    [InlineData("GET", "/api/v1/namespaces", "list")]
    [InlineData("GET", "/apis/apps/v1/namespaces/ns/deployments/a/status", "get")]
    [InlineData("GET", "/apis/apps/v1/deployments", "list")]
    [InlineData("PUT", "/api/v1/namespaces/ns/pods/a", "update")]
    [InlineData("POST", "/api/v1/namespaces/ns/pods", "create")]
    [InlineData("DELETE", "/api/v1/namespaces/ns/pods/a", "delete")]
    [InlineData("PATCH", "/api/v1/namespaces/ns/pods/a", "patch")]
    [InlineData("GET", "/healthz", "get")]
    public void Verb_IsTheKubernetesOne(string method, string path, string verb)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "http://kube" + path);
        Assert.Equal(verb, ApiMetricsHandler.Verb(request));
    }

    [Fact]
    public async Task Metrics_CountCallsByVerbAndCode()
    {
        await using ApiServer server = await ApiServer.StartAsync();
        CollectorRegistry registry = Prometheus.Metrics.NewCustomRegistry();
        using var connection = new KubeConnection(new KubernetesClientConfiguration { Host = server.Address }, metrics: new KubeMetrics("test", registry));
        await new KubeApi(connection).GetAsync(ApiServer.ConfigMaps, new ObjectKey("ns", "a"), CancellationToken.None);
        using var stream = new MemoryStream();
        await registry.CollectAndExportAsTextAsync(stream);
        Assert.Contains("test_api_calls_total{verb=\"get\",code=\"404\"} 1", System.Text.Encoding.UTF8.GetString(stream.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public void Codec_IsPublicAndRoundTrips()
    {
        KubeObject value = new KubeObjectCodec(ApiServer.ConfigMaps).Decode("""{"metadata":{"name":"a","namespace":"ns","generation":3,"deletionTimestamp":"2026-01-01T00:00:00Z","labels":{"x":"y"},"ownerReferences":[{"uid":"u","kind":"K","name":"n","controller":true}]}}"""u8);
        Assert.Equal((3L, true, "y"), (value.Generation, value.IsDeleting, value.Label("x")));
        Assert.Equal(new ObjectOwner("K", "n", "u", true), Assert.Single(value.Owners));
    }
}
