using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Schema;

namespace AttentionOperator.Sandbox.Patch;

/// <summary>Removes what a manager applied before and has left out now.</summary>
internal static class FieldRemoval
{
    public static void RemoveAbandoned(JsonObject merged, SchemaNode schema, FieldSet before, FieldSet now, IEnumerable<FieldSet> others)
    {
        var kept = now.Clone();
        foreach (var other in others) kept.Add(other);
        Walk(merged, schema, before, kept);
    }

    /// <summary>True when the node is empty now because of what was removed.</summary>
    private static bool Walk(JsonNode? value, SchemaNode? schema, FieldSet before, FieldSet? kept)
    {
        var removed = false;
        foreach (var (step, mine) in before.Children)
        {
            var theirs = kept?.Find(step);
            var below = FieldSteps.Below(schema, step);
            if (theirs is null || theirs.IsEmpty)
            {
                if (mine.Owned || AllGone(value, schema, step, mine, below)) removed |= RemoveAt(value, schema, step);
                continue;
            }

            if (Find(value, schema, step) is { } child && Walk(child, below, mine, theirs) && !theirs.Owned) removed |= RemoveAt(value, schema, step);
        }

        return removed && value is JsonObject { Count: 0 } or JsonArray { Count: 0 };
    }

    private static bool AllGone(JsonNode? value, SchemaNode? schema, string step, FieldSet mine, SchemaNode? below) =>
        Find(value, schema, step) is { } child && Walk(child, below, mine, null);

    private static JsonNode? Find(JsonNode? value, SchemaNode? schema, string step) =>
        FieldSteps.Children(value, schema).FirstOrDefault(c => c.Step == step).Value;

    private static bool RemoveAt(JsonNode? value, SchemaNode? schema, string step)
    {
        switch (value)
        {
            case JsonObject obj:
                return obj.Remove(step[2..]);
            case JsonArray array:
                for (var i = array.Count - 1; i >= 0; i--)
                {
                    if (FieldSteps.OfItem(array[i], schema!) != step) continue;
                    array.RemoveAt(i);
                    return true;
                }

                return false;
            default:
                return false;
        }
    }
}
