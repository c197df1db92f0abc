using System.Text.Json.Nodes;

namespace AttentionOperator.Sandbox.Schema;

/// <summary>Removes what the schema does not know, and nulls where null is not a value. Reports the paths of unknown fields.</summary>
internal static class Pruning
{
    public static void Prune(JsonObject obj, SchemaNode schema, List<string>? unknown = null) => PruneObject(obj, schema, "", unknown);

    private static void PruneNode(JsonNode? value, SchemaNode schema, string path, List<string>? unknown)
    {
        switch (value)
        {
            case JsonObject obj:
                PruneObject(obj, schema, path, unknown);
                break;
            case JsonArray array when schema.Items is { } items:
                for (var i = 0; i < array.Count; i++) PruneNode(array[i], items, $"{path}[{i}]", unknown);
                break;
        }
    }

    private static void PruneObject(JsonObject obj, SchemaNode schema, string path, List<string>? unknown)
    {
        if (schema.Type is not (null or "object")) return;
        var open = schema.PreserveUnknownFields || (schema.Type is null && schema.Properties.Count == 0);
        foreach (var (name, value) in obj.ToList())
        {
            var child = path.Length == 0 ? name : $"{path}.{name}";
            if (schema.Member(name) is { } member)
            {
                if (value is null && !member.Nullable && schema.Properties.ContainsKey(name) && !member.PreserveUnknownFields) obj.Remove(name);
                else PruneNode(value, member, child, unknown);
            }
            else if (!open)
            {
                obj.Remove(name);
                unknown?.Add(child);
            }
        }
    }
}
