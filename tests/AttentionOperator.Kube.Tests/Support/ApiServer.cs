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
internal sealed class ApiServer : IAsyncDisposable
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

    private async Task HandleAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        string body = await reader.ReadToEndAsync(context.RequestAborted);
        var request = new RecordedRequest(context.Request.Method, context.Request.Path.Value!, context.Request.QueryString.Value ?? "", body, context.Request.Headers.UserAgent);
        Requests.Add(request);
        if (Intercept is { } intercept && await intercept(context, request))
        {
            return;
        }

        await (request.Method switch
        {
            "GET" when request.IsWatch => WatchAsync(context, request),
            "GET" => ReadAsync(context, request.Path),
            "POST" => CreateAsync(context, request),
            "PUT" => ReplaceAsync(context, request),
            "PATCH" => MergeAsync(context, request),
            "DELETE" => RemoveAsync(context, request),
            _ => StatusAsync(context, 405, "MethodNotAllowed", request.Method),
        });
    }

    private Task ReadAsync(HttpContext context, string path)
    {
        JsonNode? answer;
        lock (gate)
        {
            answer = objects.TryGetValue(path, out JsonObject? one) ? one.DeepClone() : null;
            if (answer is null && !IsCollection(path))
            {
                return StatusAsync(context, 404, "NotFound", $"{path} not found");
            }

            answer ??= List_NeedsLock(path, context.Request.Query["limit"], context.Request.Query["continue"]);
        }

        return JsonAsync(context, answer);
    }

    private static bool IsCollection(string path)
    {
        string[] parts = path.Trim('/').Split('/');
        int rest = parts.Length - (parts[0] == "api" ? 2 : 3);
        return rest == 1 || (rest == 3 && parts[^3] == "namespaces");
    }

    private JsonObject List_NeedsLock(string collection, string? limit, string? token)
    {
        int size = int.TryParse(limit, out int parsed) ? parsed : int.MaxValue;
        List<KeyValuePair<string, JsonObject>> all = [.. objects.Where(o => Contains(collection, o.Key) && (string.IsNullOrEmpty(token) || string.CompareOrdinal(o.Key, token) > 0))];
        var metadata = new JsonObject { ["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture) };
        if (all.Count > size)
        {
            metadata["continue"] = all[size - 1].Key;
        }

        return new JsonObject { ["metadata"] = metadata, ["items"] = new JsonArray([.. all.Take(size).Select(o => o.Value.DeepClone())]) };
    }

    private async Task WatchAsync(HttpContext context, RecordedRequest request)
    {
        bool streaming = request.IsStreamingList && !IgnoresStreamingList;
        if (request.IsStreamingList && !SupportsStreamingList && !IgnoresStreamingList)
        {
            await StatusAsync(context, 422, "Invalid", "sendInitialEvents: Forbidden");
            return;
        }

        var watcher = new ApiWatcher(request.Path, context);
        lock (gate)
        {
            int from = int.TryParse(context.Request.Query["resourceVersion"], out int parsed) ? parsed : version;
            if (from < compactedTo)
            {
                watcher.Send(Event("ERROR", new JsonObject { ["kind"] = "Status", ["code"] = 410, ["reason"] = "Expired", ["message"] = $"too old resource version: {from} ({compactedTo})" }));
                watcher.Close();
            }
            else if (streaming)
            {
                foreach (KeyValuePair<string, JsonObject> one in objects.Where(o => Contains(request.Path, o.Key)))
                {
                    watcher.Send(Event("ADDED", one.Value));
                }

                watcher.Send(BookmarkLine(version, true));
                watchers.Add(watcher);
            }
            else
            {
                foreach ((_, _, string line) in history.Where(h => h.Version > from && Contains(request.Path, h.Path)))
                {
                    watcher.Send(line);
                }

                watchers.Add(watcher);
            }
        }

        try
        {
            await watcher.RunAsync();
        }
        finally
        {
            lock (gate)
            {
                watchers.Remove(watcher);
            }
        }
    }

    private Task CreateAsync(HttpContext context, RecordedRequest request)
    {
        JsonObject body = JsonNode.Parse(request.Body)!.AsObject();
        string name = (string)body["metadata"]!["name"]!;
        lock (gate)
        {
            string path = $"{request.Path}/{name}";
            if (objects.ContainsKey(path))
            {
                return StatusAsync(context, 409, "AlreadyExists", $"{name} already exists");
            }

            body["metadata"]!["uid"] = Guid.NewGuid().ToString();
            return JsonAsync(context, Store(path, body, "ADDED"), 201);
        }
    }

    private Task ReplaceAsync(HttpContext context, RecordedRequest request)
    {
        JsonObject body = JsonNode.Parse(request.Body)!.AsObject();
        lock (gate)
        {
            if (!objects.TryGetValue(request.Path, out JsonObject? current))
            {
                return StatusAsync(context, 404, "NotFound", "not found");
            }

            return (string?)body["metadata"]!["resourceVersion"] is { } expected && expected != (string?)current["metadata"]!["resourceVersion"]
                ? StatusAsync(context, 409, "Conflict", "the object has been modified")
                : JsonAsync(context, Store(request.Path, body, "MODIFIED"));
        }
    }

    private Task MergeAsync(HttpContext context, RecordedRequest request)
    {
        JsonObject patch = JsonNode.Parse(request.Body)!.AsObject();
        string path = request.Path.EndsWith("/status", StringComparison.Ordinal) ? request.Path[..^7] : request.Path;
        bool apply = context.Request.ContentType?.StartsWith("application/apply-patch", StringComparison.Ordinal) == true;
        lock (gate)
        {
            bool exists = objects.TryGetValue(path, out JsonObject? current);
            if (!exists && !apply)
            {
                return StatusAsync(context, 404, "NotFound", "not found");
            }

            JsonObject next = exists ? (JsonObject)current!.DeepClone() : New(path[..path.LastIndexOf('/')], path[(path.LastIndexOf('/') + 1)..]);
            Merge(next, patch);
            return JsonNode.DeepEquals(next, current) ? JsonAsync(context, next) : JsonAsync(context, Store(path, next, exists ? "MODIFIED" : "ADDED"));
        }
    }

    private Task RemoveAsync(HttpContext context, RecordedRequest request)
    {
        string? uid = request.Body.Length > 0 ? (string?)JsonNode.Parse(request.Body)!["preconditions"]?["uid"] : null;
        lock (gate)
        {
            if (!objects.TryGetValue(request.Path, out JsonObject? current))
            {
                return StatusAsync(context, 404, "NotFound", "not found");
            }

            if (uid is not null && uid != (string?)current["metadata"]!["uid"])
            {
                return StatusAsync(context, 409, "Conflict", "the UID in the precondition does not match");
            }

            int slash = request.Path.LastIndexOf('/');
            Delete(request.Path[..slash], request.Path[(slash + 1)..]);
            return JsonAsync(context, new JsonObject { ["kind"] = "Status", ["status"] = "Success" });
        }
    }

    private static void Merge(JsonObject into, JsonObject patch)
    {
        foreach ((string name, JsonNode? value) in patch)
        {
            if (value is null)
            {
                into.Remove(name);
            }
            else if (value is JsonObject child && into[name] is JsonObject target)
            {
                Merge(target, child);
            }
            else
            {
                into[name] = value.DeepClone();
            }
        }
    }
}
