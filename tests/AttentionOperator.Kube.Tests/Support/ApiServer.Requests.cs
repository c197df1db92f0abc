using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using AttentionOperator.Kube.Objects;
using Microsoft.AspNetCore.Http;

namespace AttentionOperator.Kube.Tests.Support;

/// <summary>How requests are answered.</summary>
internal sealed partial class ApiServer
{
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

        Watches.Add(request);
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
