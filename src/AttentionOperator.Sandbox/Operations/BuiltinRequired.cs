using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Schema;

namespace AttentionOperator.Sandbox.Operations;

/// <summary>Required fields and list keys of built-in kinds, outside of status (which the API server does not check this way).</summary>
internal static class BuiltinRequired
{
    public static void Validate(ResourceDefinition resource, JsonObject obj, List<FieldError> errors)
    {
        var reported = errors.Select(e => e.Field).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, property) in resource.Schema.Properties)
        {
            if (name is "metadata" or "status" or "apiVersion" or "kind") continue;
            if (obj[name] is { } value) Walk(value, property, name, reported, errors);
        }
    }

    private static void Walk(JsonNode value, SchemaNode schema, string path, HashSet<string> reported, List<FieldError> errors)
    {
        switch (value)
        {
            case JsonObject obj:
                foreach (var required in schema.Required)
                {
                    var field = $"{path}.{required}";
                    if (obj[required] is null && schema.Properties[required].Type is not ("boolean" or "integer") && reported.Add(field)) errors.Add(FieldError.Required(field));
                }

                foreach (var (name, member) in obj)
                {
                    if (member is not null && name != "metadata" && schema.Member(name) is { } child) Walk(member, child, $"{path}.{name}", reported, errors);
                }

                break;
            case JsonArray array when schema.Items is { } items:
                for (var i = 0; i < array.Count; i++)
                {
                    if (array[i] is { } item) Walk(item, items, $"{path}[{i}]", reported, errors);
                }

                break;
        }
    }
}
