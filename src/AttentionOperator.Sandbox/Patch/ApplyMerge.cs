using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Schema;

namespace AttentionOperator.Sandbox.Patch;

/// <summary>Merges an applied configuration into the live object along the schema's list and map types.</summary>
internal static class ApplyMerge
{
    public static JsonObject Merge(JsonObject live, JsonObject config, SchemaNode? schema)
    {
        var result = live.Clone();
        foreach (var (name, value) in config)
            result[name] = MergeValue(result[name], value, schema?.Member(name));
        return result;
    }

    private static JsonNode? MergeValue(JsonNode? live, JsonNode? config, SchemaNode? schema)
    {
        if (config is JsonObject obj && live is JsonObject current && FieldSteps.IsGranularMap(config, schema)) return Merge(current, obj, schema);
        if (config is JsonArray items && live is JsonArray existing && FieldSteps.IsGranularList(config, schema)) return MergeList(existing, items, schema!);
        return config?.DeepClone();
    }

    /// <summary>Items that only the live list has keep their place; the others come in the order of the configuration.</summary>
    private static JsonArray MergeList(JsonArray live, JsonArray config, SchemaNode schema)
    {
        var wanted = config.Select(i => FieldSteps.OfItem(i, schema)).ToList();
        var present = live.Select(i => FieldSteps.OfItem(i, schema)).ToList();
        var result = new JsonArray();
        var next = 0;
        void EmitUntil(int end)
        {
            for (; next < end; next++)
            {
                var at = present.IndexOf(wanted[next]);
                result.Add(at >= 0 ? MergeValue(live[at], config[next], schema.Items) : config[next]?.DeepClone());
            }
        }

        for (var i = 0; i < live.Count; i++)
        {
            var at = wanted.IndexOf(present[i]);
            if (at < 0) result.Add(live[i]?.DeepClone());
            else if (at >= next) EmitUntil(at + 1);
        }

        EmitUntil(wanted.Count);
        return result;
    }
}
