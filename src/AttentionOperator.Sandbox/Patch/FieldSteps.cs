using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Schema;

namespace AttentionOperator.Sandbox.Patch;

/// <summary>How values of a schema split into owned fields: which lists and maps are granular and how their items are named.</summary>
internal static class FieldSteps
{
    public static bool IsGranularMap(JsonNode? value, SchemaNode? schema) => value is JsonObject && schema?.AtomicMap != true;

    public static bool IsGranularList(JsonNode? value, SchemaNode? schema) => value is JsonArray && schema is { IsAtomicList: false };

    public static string OfItem(JsonNode? item, SchemaNode list)
    {
        if (list.ListType == "set") return "v:" + JsonFormat.ToText(item);
        var keys = new JsonObject();
        foreach (var (name, value) in ListKeys.KeyOf(item as JsonObject, list).OrderBy(k => k.Key, StringComparer.Ordinal)) keys[name] = value?.DeepClone();
        return "k:" + JsonFormat.ToText(keys);
    }

    /// <summary>The schema below a step; null where nothing is declared.</summary>
    public static SchemaNode? Below(SchemaNode? schema, string step) =>
        schema is null ? null : step[0] == 'f' ? schema.Member(step[2..]) : schema.Items;

    /// <summary>The granular children of a value with their steps.</summary>
    public static IEnumerable<(string Step, JsonNode? Value)> Children(JsonNode? value, SchemaNode? schema) => value switch
    {
        JsonObject obj when IsGranularMap(value, schema) => obj.Select(m => ("f:" + m.Key, m.Value)),
        JsonArray array when IsGranularList(value, schema) => array.Select(i => (OfItem(i, schema!), i)),
        _ => [],
    };
}
