using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Schema;

namespace AttentionOperator.Sandbox.Patch;

/// <summary>
/// Strategic merge patch: like a merge patch, but lists whose schema says so merge by key or as sets, with the
/// directives <c>$patch</c>, <c>$retainKeys</c>, <c>$deleteFromPrimitiveList</c> and <c>$setElementOrder</c>.
/// </summary>
internal static class StrategicMergePatch
{
    private const string Directive = "$patch";
    private const string RetainKeys = "$retainKeys";
    private const string DeletePrefix = "$deleteFromPrimitiveList/";
    private const string OrderPrefix = "$setElementOrder/";

    public static JsonObject Apply(JsonObject target, JsonObject patch, SchemaNode schema)
    {
        switch (patch.Text(Directive))
        {
            case null:
                break;
            case "replace":
                var replacement = patch.Clone();
                replacement.Remove(Directive);
                return replacement;
            case "delete":
                return [];
            case var other:
                throw ApiErrors.BadRequest($"Unknown patch type found: {other}");
        }

        if (patch.Array(RetainKeys) is { } retain)
        {
            foreach (var name in target.Select(m => m.Key).Where(n => !retain.Any(r => r.AsText() == n)).ToList()) target.Remove(name);
        }

        foreach (var (name, value) in patch)
        {
            if (!name.StartsWith('$')) ApplyMember(target, name, value, schema.Member(name));
        }

        ApplyListDirectives(target, patch, schema);
        return target;
    }

    private static void ApplyMember(JsonObject target, string name, JsonNode? value, SchemaNode? schema)
    {
        switch (value)
        {
            case null:
                target.Remove(name);
                break;
            case JsonObject inner:
                if (inner.Text(Directive) == "delete") target.Remove(name);
                else target[name] = Apply(target[name] is JsonObject existing ? existing.Clone() : [], inner, schema ?? Open);
                break;
            case JsonArray list when schema?.PatchStrategy?.Contains("merge", StringComparison.Ordinal) == true:
                var current = target[name] is JsonArray now ? (JsonArray)now.DeepClone() : [];
                target[name] = schema.PatchMergeKey is { } key ? MergeByKey(current, list, key, schema.Items ?? Open) : MergeSet(current, list);
                break;
            default:
                target[name] = value.DeepClone();
                break;
        }
    }

    private static JsonArray MergeByKey(JsonArray current, JsonArray patch, string key, SchemaNode item)
    {
        if (patch.Objects().Any(p => p.Text(Directive) == "replace" && p.Count == 1))
            return [.. patch.Objects().Where(p => p.Text(Directive) is null).Select(p => (JsonNode)p.DeepClone())];
        foreach (var change in patch.Objects())
        {
            if (change[key] is not { } value)
                throw ApiErrors.BadRequest($"map: {JsonFormat.ToText(change)} does not contain declared merge key: {key}");
            var at = IndexOf(current, key, value);
            if (change.Text(Directive) == "delete")
            {
                for (; at >= 0; at = IndexOf(current, key, value)) current.RemoveAt(at);
            }
            else if (at >= 0)
            {
                current[at] = Apply(((JsonObject)current[at]!).Clone(), change, item);
            }
            else
            {
                current.Add(Apply([], change, item));
            }
        }

        return current;
    }

    private static JsonArray MergeSet(JsonArray current, JsonArray patch)
    {
        foreach (var value in patch)
        {
            if (!current.Any(c => JsonNode.DeepEquals(c, value))) current.Add(value?.DeepClone());
        }

        return current;
    }

    private static void ApplyListDirectives(JsonObject target, JsonObject patch, SchemaNode schema)
    {
        foreach (var (name, value) in patch)
        {
            if (value is not JsonArray list) continue;
            if (name.StartsWith(DeletePrefix, StringComparison.Ordinal) && target[name[DeletePrefix.Length..]] is JsonArray existing)
            {
                foreach (var gone in list)
                {
                    for (var i = existing.Count - 1; i >= 0; i--)
                    {
                        if (JsonNode.DeepEquals(existing[i], gone)) existing.RemoveAt(i);
                    }
                }
            }
            else if (name.StartsWith(OrderPrefix, StringComparison.Ordinal) && target[name[OrderPrefix.Length..]] is JsonArray unordered)
            {
                var field = name[OrderPrefix.Length..];
                target[field] = Reorder(unordered, list, schema.Member(field)?.PatchMergeKey);
            }
        }
    }

    /// <summary>Items that the order names come in that order; the others keep their place relative to what stood before them.</summary>
    private static JsonArray Reorder(JsonArray items, JsonArray order, string? key)
    {
        var ranks = order.Select((o, i) => (Identity: Identity(o, key), i)).GroupBy(p => p.Identity).ToDictionary(g => g.Key, g => g.First().i, StringComparer.Ordinal);
        var placed = new List<(JsonNode? Item, double Rank)>();
        var last = -1.0;
        foreach (var item in items)
        {
            if (ranks.TryGetValue(Identity(item, key), out var rank)) last = rank;
            placed.Add((item, ranks.ContainsKey(Identity(item, key)) ? last : last + 0.5));
        }

        return [.. placed.OrderBy(p => p.Rank).Select(p => p.Item?.DeepClone())];
    }

    private static string Identity(JsonNode? node, string? key) => JsonFormat.ToText(key is null ? node : (node as JsonObject)?[key]);

    private static int IndexOf(JsonArray array, string key, JsonNode value)
    {
        for (var i = 0; i < array.Count; i++)
        {
            if (array[i] is JsonObject item && JsonNode.DeepEquals(item[key], value)) return i;
        }

        return -1;
    }

    private static readonly SchemaNode Open = new() { PreserveUnknownFields = true };
}
