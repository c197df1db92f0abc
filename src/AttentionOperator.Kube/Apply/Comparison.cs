using System.Text.Json;

namespace AttentionOperator.Kube.Apply;

/// <summary>The walk of <see cref="ApplyDiff"/>: each step returns the path of the first difference below it, or null.</summary>
internal readonly struct Comparison(ListSchema schema)
{
    public string? Property(string parent, JsonProperty desired, JsonElement liveParent)
    {
        JsonElement value = desired.Value;
        if (liveParent.ValueKind != JsonValueKind.Object || !JsonNames.TryGet(liveParent, desired, out JsonElement live))
        {
            // The server drops empty lists; empty objects it keeps, because they mean something (emptyDir: {}).
            return value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0 ? null : desired.Name;
        }

        // Most fields are equal scalars, for which no name is needed.
        if (value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array) && value.ValueKind == live.ValueKind && JsonElement.DeepEquals(value, live))
        {
            return null;
        }

        string name = JsonNames.Of(desired);
        string? below = value.ValueKind switch
        {
            JsonValueKind.Object when live.ValueKind == JsonValueKind.Object => Object(name, value, live),
            JsonValueKind.Array when live.ValueKind == JsonValueKind.Array => List(name, schema.Of(parent, name), value, live),
            _ => ScalarComparer.Same(parent, name, value, live) ? null : "",
        };
        return below is null ? null : below.Length == 0 ? name : below[0] == '[' ? name + below : $"{name}.{below}";
    }

    private string? Object(string name, JsonElement desired, JsonElement live)
    {
        foreach (JsonProperty property in desired.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Null && Property(name, property, live) is { } difference)
            {
                return difference;
            }
        }

        return null;
    }

    private string? List(string name, ListSemantics semantics, JsonElement desired, JsonElement live)
    {
        if (semantics.IsMap)
        {
            return MapList(name, semantics.Keys, desired, live);
        }

        if (semantics.IsSet)
        {
            foreach (JsonElement item in desired.EnumerateArray())
            {
                if (!live.EnumerateArray().Any(other => JsonElement.DeepEquals(item, other)))
                {
                    return $"[{item.GetRawText()}]";
                }
            }

            return null;
        }

        if (desired.GetArrayLength() != live.GetArrayLength())
        {
            return "";
        }

        int index = 0;
        foreach (JsonElement item in desired.EnumerateArray())
        {
            if (!AtomicComparer.Same(name, item, live[index]))
            {
                return $"[{index}]";
            }

            index++;
        }

        return null;
    }

    private string? MapList(string name, IReadOnlyList<string> keys, JsonElement desired, JsonElement live)
    {
        int index = 0;
        foreach (JsonElement item in desired.EnumerateArray())
        {
            if (Find(item, keys, live, index) is not { } match)
            {
                return $"[{index}]";
            }

            if (item.ValueKind == JsonValueKind.Object && Object(name, item, match) is { } difference)
            {
                return $"[{index}].{difference}";
            }

            index++;
        }

        return null;
    }

    private static JsonElement? Find(JsonElement item, IReadOnlyList<string> keys, JsonElement live, int sameIndex)
    {
        // Order seldom changes, so the item is nearly always where ours is.
        if (sameIndex < live.GetArrayLength() && ListKeys.Match(item, live[sameIndex], keys))
        {
            return live[sameIndex];
        }

        foreach (JsonElement other in live.EnumerateArray())
        {
            if (ListKeys.Match(item, other, keys))
            {
                return other;
            }
        }

        return null;
    }
}
