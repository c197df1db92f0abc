using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Schema;

namespace AttentionOperator.Sandbox.Patch;

/// <summary>The fields that a configuration names.</summary>
internal static class FieldSetBuilder
{
    public static FieldSet Of(JsonObject obj, SchemaNode schema)
    {
        var set = new FieldSet();
        foreach (var (step, value) in FieldSteps.Children(obj, schema)) Fill(set.Child(step), value, FieldSteps.Below(schema, step), IsDeclared(schema, step));
        return set;
    }

    private static void Fill(FieldSet set, JsonNode? value, SchemaNode? schema, bool declared)
    {
        var granular = FieldSteps.IsGranularMap(value, schema) || FieldSteps.IsGranularList(value, schema);
        var empty = value is null or JsonObject { Count: 0 };
        if (!granular || empty || !declared) set.Owned = true;
        if (!granular) return;
        foreach (var (step, child) in FieldSteps.Children(value, schema)) Fill(set.Child(step), child, FieldSteps.Below(schema, step), IsDeclared(schema, step));
        if (value is JsonArray { Count: 0 }) set.Owned = true;
    }

    /// <summary>Members of structures stand for their content only; map entries and list items are fields themselves.</summary>
    internal static bool IsDeclared(SchemaNode? schema, string step) => step[0] == 'f' && schema?.Properties.ContainsKey(step[2..]) == true;
}
