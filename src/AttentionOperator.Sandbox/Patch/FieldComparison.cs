using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Schema;

namespace AttentionOperator.Sandbox.Patch;

/// <summary>Which fields differ between two states of an object.</summary>
internal sealed class FieldComparison
{
    /// <summary>Fields that are new or have another value.</summary>
    public FieldSet Changed { get; } = new();

    public FieldSet Removed { get; } = new();

    public static FieldComparison Of(JsonObject before, JsonObject after, SchemaNode schema)
    {
        var result = new FieldComparison();
        Compare(before, after, schema, result.Changed, result.Removed);
        Prune(result.Changed);
        Prune(result.Removed);
        return result;
    }

    private static void Compare(JsonNode? before, JsonNode? after, SchemaNode? schema, FieldSet changed, FieldSet removed)
    {
        var old = FieldSteps.Children(before, schema).DistinctBy(c => c.Step).ToDictionary(c => c.Step, c => c.Value, StringComparer.Ordinal);
        foreach (var (step, value) in FieldSteps.Children(after, schema).DistinctBy(c => c.Step))
        {
            var below = FieldSteps.Below(schema, step);
            if (!old.Remove(step, out var previous))
            {
                Mark(changed.Child(step), value, below, FieldSetBuilder.IsDeclared(schema, step));
            }
            else if (!JsonNode.DeepEquals(previous, value))
            {
                var bothGranular = (FieldSteps.IsGranularMap(value, below) && FieldSteps.IsGranularMap(previous, below)) || (FieldSteps.IsGranularList(value, below) && FieldSteps.IsGranularList(previous, below));
                if (bothGranular) Compare(previous, value, below, changed.Child(step), removed.Child(step));
                else Mark(changed.Child(step), value, below, declared: false);
            }
        }

        foreach (var (step, value) in old) Mark(removed.Child(step), value, FieldSteps.Below(schema, step), declared: false);
    }

    private static void Mark(FieldSet set, JsonNode? value, SchemaNode? schema, bool declared)
    {
        var children = FieldSteps.Children(value, schema).DistinctBy(c => c.Step).ToList();
        // A declared structure is present by its members; maps and lists that appear are owned as such too.
        if (children.Count == 0 || !declared || schema?.Type == "array" || schema?.AdditionalProperties is not null) set.Owned = true;
        foreach (var (step, child) in children) Mark(set.Child(step), child, FieldSteps.Below(schema, step), FieldSetBuilder.IsDeclared(schema, step));
    }

    private static void Prune(FieldSet set)
    {
        foreach (var (step, child) in set.Children.ToList())
        {
            Prune(child);
            if (child.IsEmpty) set.Children.Remove(step);
        }
    }
}
