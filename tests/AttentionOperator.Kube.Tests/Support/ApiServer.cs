using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AttentionOperator.Kube.Tests.Support;

/// <summary>
/// The part of the Kubernetes API that the kit uses, over real HTTP on loopback: list in pages, watch with history and 410, streaming list,
/// create, replace with optimistic concurrency, merge patch, delete, and faults on demand.
/// </summary>
internal sealed partial class ApiServer : IAsyncDisposable
{
    public static readonly ResourceKind ConfigMaps = new("", "v1", "configmaps", "ConfigMap");

    private readonly Lock gate = new();
    private readonly SortedDictionary<string, JsonObject> objects = new(StringComparer.Ordinal);
    private readonly List<(int Version, string Path, string Line)> history = [];
    private readonly List<ApiWatcher> watchers = [];
    private readonly WebApplication app;
    private int version = 100;
    private int compactedTo;

    private ApiServer(WebApplication app) => this.app = app;

    public Observed<RecordedRequest> Requests { get; } = new();

    /// <summary>Watch requests, each from when its answer begins: by then its connection is among <see cref="Watchers"/>, unless it was refused as expired.</summary>
    public Observed<RecordedRequest> Watches { get; } = new();

    public bool SupportsStreamingList { get; set; }

    /// <summary>Leaves streaming lists without their closing bookmark, as a server does that ignores the parameter.</summary>
    public bool IgnoresStreamingList { get; set; }

    /// <summary>Sees each request first; true means that it has answered.</summary>
    public Func<HttpContext, RecordedRequest, Task<bool>>? Intercept { get; set; }

    public string Address { get; private set; } = "";

    public int Version
    {
        get
        {
            lock (gate)
            {
                return version;
            }
        }
    }

    public static async Task<ApiServer> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(200));
        WebApplication app = builder.Build();
        var server = new ApiServer(app);
        app.Run(server.HandleAsync);
        await app.StartAsync();
        server.Address = app.Urls.First();
        return server;
    }

    public KubeConnection Connect(KubeConnectionOptions? options = null, params DelegatingHandler[] handlers) =>
        new(new KubernetesClientConfiguration { Host = Address }, options ?? new KubeConnectionOptions { QueriesPerSecond = 0 }, handlers: handlers);

    public JsonObject Put(string collection, string name, Action<JsonObject>? change = null)
    {
        lock (gate)
        {
            string path = $"{collection}/{name}";
            bool exists = objects.TryGetValue(path, out JsonObject? current);
            JsonObject next = exists ? (JsonObject)current!.DeepClone() : New(collection, name);
            change?.Invoke(next);
            return Store(path, next, exists ? "MODIFIED" : "ADDED");
        }
    }

    public void Delete(string collection, string name)
    {
        lock (gate)
        {
            string path = $"{collection}/{name}";
            if (objects.Remove(path, out JsonObject? gone))
            {
                var last = (JsonObject)gone.DeepClone();
                last["metadata"]!["resourceVersion"] = (++version).ToString(CultureInfo.InvariantCulture);
                Publish(path, "DELETED", last);
            }
        }
    }

    public JsonObject? Get(string collection, string name)
    {
        lock (gate)
        {
            return objects.TryGetValue($"{collection}/{name}", out JsonObject? found) ? (JsonObject)found.DeepClone() : null;
        }
    }

    public IReadOnlyList<string> Names(string collection)
    {
        lock (gate)
        {
            return [.. objects.Keys.Where(k => Contains(collection, k)).Select(k => k[(k.LastIndexOf('/') + 1)..])];
        }
    }

    /// <summary>Waits until a condition on the server's or a client's state holds.</summary>
    public async Task WaitUntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            await Task.Delay(5, patience.Token);
        }
    }

    /// <summary>Forgets the history: watches from an older version get 410.</summary>
    public void Compact()
    {
        lock (gate)
        {
            history.Clear();
            compactedTo = version;
        }
    }

    /// <summary>Moves the version on, as writes to other kinds do.</summary>
    public void Tick()
    {
        lock (gate)
        {
            version++;
        }
    }

    public IReadOnlyList<ApiWatcher> Watchers()
    {
        lock (gate)
        {
            return [.. watchers];
        }
    }

    public void SendToWatchers(string line)
    {
        foreach (ApiWatcher watcher in Watchers())
        {
            watcher.Send(line);
        }
    }

    public void Bookmark() => SendToWatchers(BookmarkLine(Version, false));

    public static string Event(string type, JsonNode value) => new JsonObject { ["type"] = type, ["object"] = value.DeepClone() }.ToJsonString();

    public async ValueTask DisposeAsync()
    {
        foreach (ApiWatcher watcher in Watchers())
        {
            watcher.Abort();
        }

        await app.StopAsync();
        await app.DisposeAsync();
    }

    private static string BookmarkLine(int version, bool endsInitialEvents)
    {
        var metadata = new JsonObject { ["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture) };
        if (endsInitialEvents)
        {
            metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        }

        return Event("BOOKMARK", new JsonObject { ["kind"] = "ConfigMap", ["apiVersion"] = "v1", ["metadata"] = metadata });
    }

    private static JsonObject New(string collection, string name)
    {
        string[] parts = collection.Split('/');
        int ns = Array.IndexOf(parts, "namespaces");
        var metadata = new JsonObject { ["name"] = name, ["uid"] = Guid.NewGuid().ToString() };
        if (ns >= 0)
        {
            metadata["namespace"] = parts[ns + 1];
        }

        return new JsonObject { ["metadata"] = metadata };
    }

    private static async Task StatusAsync(HttpContext context, int code, string reason, string message)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        var status = new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["status"] = "Failure", ["message"] = message, ["reason"] = reason, ["code"] = code };
        await context.Response.WriteAsync(status.ToJsonString());
    }

    private static Task JsonAsync(HttpContext context, JsonNode body, int code = 200)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body.ToJsonString());
    }

    private JsonObject Store(string path, JsonObject next, string type)
    {
        next["metadata"]!["resourceVersion"] = (++version).ToString(CultureInfo.InvariantCulture);
        objects[path] = next;
        Publish(path, type, next);
        return (JsonObject)next.DeepClone();
    }

    private void Publish(string path, string type, JsonObject value)
    {
        string line = Event(type, value);
        history.Add((version, path, line));
        foreach (ApiWatcher watcher in watchers.Where(w => Contains(w.Collection, path)))
        {
            watcher.Send(line);
        }
    }

    // /api/v1/configmaps covers /api/v1/namespaces/*/configmaps.
    private static bool Contains(string collection, string path)
    {
        if (path.StartsWith(collection + "/", StringComparison.Ordinal))
        {
            return true;
        }

        string plural = collection[(collection.LastIndexOf('/') + 1)..];
        string root = collection[..collection.LastIndexOf('/')];
        string[] rest = path.StartsWith(root + "/namespaces/", StringComparison.Ordinal) ? path[(root.Length + 12)..].Split('/') : [];
        return !root.Contains("/namespaces/", StringComparison.Ordinal) && rest.Length == 3 && rest[1] == plural;
    }
}
