using System.Text.Json;

namespace AttentionOperator.Kube.Apply;

/// <summary>
/// Reads fieldsV1 documents (structured-merge-diff): <c>f:name</c> a field, <c>k:{…}</c> a list item by its keys, <c>v:…</c> an item of a set, <c>.</c> the thing itself.
/// </summary>
public static class OwnedFields
{
    /// <summary>Path of the first owned field that <paramref name="desired"/> does not state, which the next apply would therefore remove; null where there is none.</summary>
    public static string? FirstUnstated(JsonElement owned, JsonElement desired)
    {
        if (owned.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        foreach (JsonProperty entry in owned.EnumerateObject())
        {
            if (entry.Name == ".")
            {
                continue;
            }

            string step = entry.Name.Length > 2 ? entry.Name[2..] : "";
            JsonElement? stated = entry.Name[0] switch
            {
                'f' => Field(desired, step),
                'k' => Item(desired, step),
                'v' => Value(desired, step),
                _ => desired,
            };
            if (stated is not { } below)
            {
                // An item that exists for the sake of its key alone has nothing to remove.
                return step;
            }

            bool leaf = !entry.Value.EnumerateObject().Any();
            if (!leaf && FirstUnstated(entry.Value, below) is { } deeper)
            {
                return $"{step}.{deeper}";
            }
        }

        return null;
    }

    private static JsonElement? Field(JsonElement desired, string name) =>
        desired.ValueKind == JsonValueKind.Object && desired.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value
        : desired.ValueKind == JsonValueKind.Object && name == "protocol" ? DefaultProtocol.Element
        : null;

    private static JsonElement? Item(JsonElement desired, string keys)
    {
        if (desired.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        using JsonDocument parsed = JsonDocument.Parse(keys);
        string[] names = [.. parsed.RootElement.EnumerateObject().Select(p => p.Name)];
        foreach (JsonElement item in desired.EnumerateArray())
        {
            if (ListKeys.Match(item, parsed.RootElement, names))
            {
                return item;
            }
        }

        return null;
    }

    private static JsonElement? Value(JsonElement desired, string value)
    {
        if (desired.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        using JsonDocument parsed = JsonDocument.Parse(value);
        foreach (JsonElement item in desired.EnumerateArray())
        {
            if (JsonElement.DeepEquals(item, parsed.RootElement))
            {
                return item;
            }
        }

        return null;
    }

    private static class DefaultProtocol
    {
        public static readonly JsonElement Element = JsonDocument.Parse("\"TCP\"").RootElement.Clone();
    }
}
