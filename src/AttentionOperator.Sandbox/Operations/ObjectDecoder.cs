using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Schema;

namespace AttentionOperator.Sandbox.Operations;

/// <summary>Turns a request body into an object of a resource: kind check, types, unknown and duplicate fields.</summary>
internal static class ObjectDecoder
{
    /// <param name="duplicates">Paths of repeated fields that the parser saw.</param>
    public static JsonObject Decode(ResourceDefinition resource, JsonObject body, WriteOptions options, IReadOnlyList<string>? duplicates = null)
    {
        var obj = body.Clone();
        CheckKind(resource, obj);
        if (!resource.IsCustom && TypeCheck.FirstMismatch(obj, resource.Schema) is { } mismatch)
            throw ApiErrors.BadRequest($"{resource.Kind} in version \"{resource.Version}\" cannot be handled as a {resource.Kind}: {mismatch}");
        if (obj["metadata"] is not (null or JsonObject)) throw ApiErrors.BadRequest($"{resource.Kind} in version \"{resource.Version}\" cannot be handled as a {resource.Kind}: json: cannot unmarshal {Kind(obj["metadata"])} into Go struct field .metadata of type v1.ObjectMeta");
        Clean(resource, obj, options, duplicates);
        return obj;
    }

    /// <summary>Prunes what the schema does not know and reports it as the request asks.</summary>
    public static void Clean(ResourceDefinition resource, JsonObject obj, WriteOptions options, IReadOnlyList<string>? duplicates = null)
    {
        var unknown = new List<string>();
        Pruning.Prune(obj, resource.Schema, unknown);
        if (options.FieldValidation == FieldValidation.Ignore || (unknown.Count == 0 && duplicates is not { Count: > 0 })) return;
        var problems = unknown.Select(f => $"unknown field \"{f}\"").Concat((duplicates ?? []).Select(f => $"duplicate field \"{f}\"")).ToList();
        if (options.FieldValidation == FieldValidation.Strict)
        {
            throw ApiErrors.BadRequest(
                $"{resource.Kind} in version \"{resource.Version}\" cannot be handled as a {resource.Kind}: strict decoding error: {string.Join(", ", problems)}");
        }

        foreach (var problem in problems) options.Warnings.Add(problem);
    }

    private static void CheckKind(ResourceDefinition resource, JsonObject obj)
    {
        var apiVersion = obj.Text("apiVersion");
        var kind = obj.Text("kind");
        if (string.IsNullOrEmpty(apiVersion)) obj["apiVersion"] = apiVersion = resource.ApiVersion;
        if (string.IsNullOrEmpty(kind)) obj["kind"] = kind = resource.Kind;
        if (kind != resource.Kind)
        {
            throw ApiErrors.BadRequest(
                $"{kind} in version \"{apiVersion.Split('/')[^1]}\" cannot be handled as a {resource.Kind}: no kind \"{kind}\" is registered for version \"{apiVersion}\"");
        }

        if (apiVersion != resource.ApiVersion)
            throw ApiErrors.BadRequest($"the API version in the data ({apiVersion}) does not match the expected API version ({resource.ApiVersion})");
    }

    private static string Kind(JsonNode? node) => node switch { JsonArray => "array", JsonValue v when v.TryGetValue<string>(out _) => "string", _ => "number" };
}
