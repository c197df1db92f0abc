using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Discovery;

/// <summary>The OpenAPI documents, built per group version and kept until the registry changes.</summary>
internal sealed class OpenApiDocuments(ResourceRegistry registry)
{
    private readonly ConcurrentDictionary<string, (int Generation, byte[] Utf8)> _documents = new(StringComparer.Ordinal);

    /// <summary>The index of OpenAPI v3: where each group version's document is.</summary>
    public JsonObject Index()
    {
        var hash = registry.Generation.ToString(CultureInfo.InvariantCulture);
        var paths = new JsonObject { ["version"] = Entry("version", hash) };
        foreach (var (group, version) in registry.All.Select(r => (r.Group, r.Version)).Distinct().Order())
        {
            var path = PathOf(group, version);
            paths[path] = Entry(path, hash);
        }

        return new JsonObject { ["paths"] = paths };
    }

    public byte[]? V3(string path)
    {
        var parts = path.Split('/');
        var (group, version) = parts switch
        {
            ["api", var v] => ("", v),
            ["apis", var g, var v] => (g, v),
            _ => ("", ""),
        };
        var resources = registry.All.Where(r => r.Group == group && r.Version == version).ToList();
        if (resources.Count == 0) return path == "version" ? JsonFormat.ToUtf8(OpenApiWriter.Document([], OpenApiForm.V3)) : null;
        return Cached(path, () => OpenApiWriter.Document(resources, OpenApiForm.V3));
    }

    public byte[] V2() => Cached("v2", () => OpenApiWriter.Document([.. registry.All], OpenApiForm.V2));

    private byte[] Cached(string key, Func<JsonObject> build)
    {
        var generation = registry.Generation;
        if (_documents.TryGetValue(key, out var known) && known.Generation == generation) return known.Utf8;
        var utf8 = JsonFormat.ToUtf8(build());
        _documents[key] = (generation, utf8);
        return utf8;
    }

    private static string PathOf(string group, string version) => group.Length == 0 ? $"api/{version}" : $"apis/{group}/{version}";

    private static JsonObject Entry(string path, string hash) => new() { ["serverRelativeURL"] = $"/openapi/v3/{path}?hash={hash}" };
}
