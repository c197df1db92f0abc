using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Schema;

/// <summary>Identity of list items: by the map keys of list-type map, by value for sets.</summary>
internal static class ListKeys
{
    public static void ReportDuplicates(JsonArray array, SchemaNode schema, string path, List<FieldError> errors)
    {
        if (schema.ListType is not ("map" or "set")) return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < array.Count; i++)
        {
            var identity = schema.ListType == "set" ? array[i] : KeyOf(array[i] as JsonObject, schema);
            if (!seen.Add(JsonFormat.ToText(identity))) errors.Add(FieldError.Duplicate($"{path}[{i}]", identity));
        }
    }

    /// <summary>The item's keys in order, with the defaults of absent ones.</summary>
    public static JsonObject KeyOf(JsonObject? item, SchemaNode list)
    {
        var key = new JsonObject();
        foreach (var name in list.MapKeys)
        {
            var value = item?[name] ?? list.Items?.Properties.GetValueOrDefault(name)?.Default;
            if (value is null && name == "protocol") value = "TCP";
            if (value is not null) key[name] = value.DeepClone();
        }

        return key;
    }
}
