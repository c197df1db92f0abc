using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace AttentionOperator.Conformance;

/// <summary>A test with a namespace of its own.</summary>
[Collection("cluster")]
public abstract class ConformanceTest(Cluster cluster) : IAsyncLifetime
{
    protected static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    protected Cluster Cluster { get; } = cluster;

    protected string Namespace { get; private set; } = "";

    protected string ConfigMaps => $"/api/v1/namespaces/{Namespace}/configmaps";

    protected string Deployments => $"/apis/apps/v1/namespaces/{Namespace}/deployments";

    public async ValueTask InitializeAsync()
    {
        var (code, created) = await Cluster.SendAsync("POST", "/api/v1/namespaces", Json("""{"metadata":{"generateName":"conformance-"}}"""));
        Assert.Equal(201, code);
        Namespace = created!["metadata"]!["name"]!.GetValue<string>();
        Assert.Matches("^conformance-[a-z0-9]{5}$", Namespace);
    }

    public async ValueTask DisposeAsync()
    {
        await Cluster.SendAsync("DELETE", $"/api/v1/namespaces/{Namespace}");
        GC.SuppressFinalize(this);
    }

    protected static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();

    protected static JsonObject ConfigMap(string name, string value = "1", string? labels = null)
    {
        var map = Json($$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}"},"data":{"key":"{{value}}"} }""");
        if (labels is not null) map["metadata"]!["labels"] = JsonNode.Parse(labels);
        return map;
    }

    protected static JsonObject Deployment(string name, int replicas = 1) => Json($$"""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"{{name}}"},
         "spec":{"replicas":{{replicas}},"selector":{"matchLabels":{"app":"{{name}}"} },
                 "template":{"metadata":{"labels":{"app":"{{name}}"} },"spec":{"containers":[{"name":"main","image":"registry.k8s.io/pause:3.10"}]} } } }
        """);

    protected async Task<JsonObject> CreateAsync(string path, JsonObject obj)
    {
        var (code, body) = await Cluster.SendAsync("POST", path, obj);
        Assert.True(code == 201, $"{code}: {body?.ToJsonString()}");
        return body!.AsObject();
    }

    protected async Task<JsonObject> GetAsync(string path)
    {
        var (code, body) = await Cluster.SendAsync("GET", path);
        Assert.True(code == 200, $"{code}: {body?.ToJsonString()}");
        return body!.AsObject();
    }

    /// <summary>The events of a watch until the server ends it.</summary>
    protected async IAsyncEnumerable<JsonObject> WatchAsync(string path, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var response = await Cluster.OpenAsync("GET", path);
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
        while (await reader.ReadLineAsync(cancellation) is { } line) yield return JsonNode.Parse(line)!.AsObject();
    }

    /// <summary>Waits with a watch until an object looks as it should; fails after <see cref="Patience"/>.</summary>
    protected async Task<JsonObject> UntilAsync(string collection, string name, Func<JsonObject, bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        await foreach (var change in WatchAsync($"{collection}?watch=true&fieldSelector=metadata.name%3D{name}", patience.Token))
        {
            if (change["type"]!.GetValue<string>() != "DELETED" && condition(change["object"]!.AsObject())) return change["object"]!.AsObject();
        }

        throw new InvalidOperationException("The watch ended before the condition came true.");
    }

    protected async Task UntilGoneAsync(string collection, string name, TimeSpan? time = null)
    {
        using var patience = new CancellationTokenSource(time ?? Patience);
        var list = await GetAsync(collection);
        if (list["items"]!.AsArray().All(i => i!["metadata"]!["name"]!.GetValue<string>() != name)) return;
        await foreach (var change in WatchAsync($"{collection}?watch=true&fieldSelector=metadata.name%3D{name}&resourceVersion={list["metadata"]!["resourceVersion"]}", patience.Token))
        {
            if (change["type"]!.GetValue<string>() == "DELETED") return;
        }
    }

    protected static string Text(JsonNode? node, params string[] path) => path.Aggregate(node, (n, step) => n?[step])?.ToString() ?? "";
}
