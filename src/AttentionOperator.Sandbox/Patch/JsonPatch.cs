using System.Globalization;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Patch;

/// <summary>RFC 6902: add, remove, replace, move, copy, test.</summary>
internal static class JsonPatch
{
    public static JsonObject Apply(JsonObject target, JsonArray operations)
    {
        JsonNode root = target;
        foreach (var node in operations)
        {
            if (node is not JsonObject operation) throw ApiErrors.BadRequest("json patch: every operation must be an object");
            root = ApplyOne(root, operation);
        }

        return root as JsonObject ?? throw ApiErrors.BadRequest("json patch: the result is not an object");
    }

    private static JsonNode ApplyOne(JsonNode root, JsonObject operation)
    {
        var path = operation.Text("path") ?? throw ApiErrors.BadRequest("json patch: an operation has no path");
        switch (operation.Text("op"))
        {
            case "add":
                return Add(root, path, Value(operation));
            case "replace":
                Get(root, path);
                if (path.Length == 0) return Value(operation) ?? new JsonObject();
                Remove(root, path);
                return Add(root, path, Value(operation));
            case "remove":
                Remove(root, path);
                return root;
            case "move":
                var moved = Get(root, From(operation))?.DeepClone();
                Remove(root, From(operation));
                return Add(root, path, moved);
            case "copy":
                return Add(root, path, Get(root, From(operation))?.DeepClone());
            case "test":
                if (!JsonNode.DeepEquals(TryGet(root, path, out var value) ? value : null, Value(operation)))
                    throw Failed($"testing value {path} failed: test failed");
                return root;
            default:
                throw ApiErrors.BadRequest($"json patch: unexpected kind: {operation.Text("op") ?? "unknown"}");
        }
    }

    private static JsonNode? Value(JsonObject operation) => operation["value"]?.DeepClone();

    private static string From(JsonObject operation) => operation.Text("from") ?? throw ApiErrors.BadRequest("json patch: an operation has no from");

    private static JsonNode? Get(JsonNode root, string path) =>
        TryGet(root, path, out var value) ? value : throw Failed($"replace operation does not apply: doc is missing key: {path}: missing value");

    private static bool TryGet(JsonNode root, string path, out JsonNode? value)
    {
        value = root;
        foreach (var step in Steps(path))
        {
            switch (value)
            {
                case JsonObject obj when obj.TryGetPropertyValue(step, out var member):
                    value = member;
                    break;
                case JsonArray array when Index(step) is { } at && at < array.Count:
                    value = array[at];
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    private static JsonNode Add(JsonNode root, string path, JsonNode? value)
    {
        if (path.Length == 0) return value ?? new JsonObject();
        var (parent, last) = Parent(root, path);
        if (parent is JsonObject obj) obj[last] = value;
        else if (parent is JsonArray array && (last == "-" ? array.Count : Index(last)) is { } at && at <= array.Count) array.Insert(at, value);
        else throw Failed($"add operation does not apply: doc is missing path: \"{path}\": missing value");
        return root;
    }

    private static void Remove(JsonNode root, string path)
    {
        var (parent, last) = Parent(root, path);
        if (parent is JsonObject obj && obj.Remove(last)) return;
        if (parent is JsonArray array && Index(last) is { } at && at < array.Count)
        {
            array.RemoveAt(at);
            return;
        }

        throw Failed($"remove operation does not apply: doc is missing path: \"{path}\": missing value");
    }

    private static (JsonNode? Parent, string Last) Parent(JsonNode root, string path)
    {
        var slash = path.LastIndexOf('/');
        if (slash < 0) throw Failed($"the path \"{path}\" does not start with /");
        return (TryGet(root, path[..slash], out var parent) ? parent : null, Unescape(path[(slash + 1)..]));
    }

    private static IEnumerable<string> Steps(string path) => path.Length == 0 ? [] : path[1..].Split('/').Select(Unescape);

    private static string Unescape(string step) => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);

    private static int? Index(string step) => int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? at : null;

    private static ApiException Failed(string message) => new(422, "Invalid", $"the server rejected our request due to an error in our request: {message}", new JsonObject());
}
