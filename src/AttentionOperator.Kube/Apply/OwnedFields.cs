using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace AttentionOperator.Kube.Apply;

/// <summary>
/// Reads fieldsV1 documents (structured-merge-diff): <c>f:name</c> a field, <c>k:{…}</c> a list item by its keys, <c>v:…</c> an item of a set, <c>.</c> the thing itself.
/// </summary>
public static class OwnedFields
{
    // Objects that one planner renders repeat the same few keys; owner uids do not, so the memory is bounded.
    private const int MaxParsedKeys = 4_096;
    private static readonly ConcurrentDictionary<string, ItemKeys> ParsedKeys = new(StringComparer.Ordinal);

    /// <summary>Path of the first owned field that <paramref name="desired"/> does not state, which the next apply would therefore remove; null where there is none.</summary>
    public static string? FirstUnstated(JsonElement owned, JsonElement desired)
    {
        if (owned.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        foreach (JsonProperty entry in owned.EnumerateObject())
        {
            // Names of label keys and of list keys are escaped in JSON; they take the slow road over a string.
            ReadOnlySpan<byte> raw = JsonMarshal.GetRawUtf8PropertyName(entry);
            if (raw.Length < 2)
            {
                continue;
            }

            bool escaped = raw.Contains((byte)'\\');
            JsonElement? stated = raw[0] switch
            {
                (byte)'f' => escaped ? Field(desired, entry.Name[2..]) : Field(desired, raw[2..]),
                (byte)'k' => Item(desired, entry.Name[2..]),
                (byte)'v' => Value(desired, entry.Name[2..]),
                _ => desired,
            };
            if (stated is not { } below)
            {
                return entry.Name[2..];
            }

            if (FirstUnstated(entry.Value, below) is { } deeper)
            {
                return $"{entry.Name[2..]}.{deeper}";
            }
        }

        return null;
    }

    private static JsonElement? Field(JsonElement desired, string name) => Field(desired, Encoding.UTF8.GetBytes(name));

    private static JsonElement? Field(JsonElement desired, ReadOnlySpan<byte> name)
    {
        if (desired.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        return desired.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value
            : name.SequenceEqual("protocol"u8) ? DefaultProtocol.Element
            : null;
    }

    private static JsonElement? Item(JsonElement desired, string keys)
    {
        if (desired.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        ItemKeys parsed = ParsedKeys.GetOrAdd(keys, static text =>
        {
            if (ParsedKeys.Count > MaxParsedKeys)
            {
                ParsedKeys.Clear();
            }

            using JsonDocument document = JsonDocument.Parse(text);
            return new ItemKeys(document.RootElement.Clone(), [.. document.RootElement.EnumerateObject().Select(p => p.Name)]);
        });
        foreach (JsonElement item in desired.EnumerateArray())
        {
            if (ListKeys.Match(item, parsed.Values, parsed.Names))
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

    private sealed record ItemKeys(JsonElement Values, IReadOnlyList<string> Names);

    private static class DefaultProtocol
    {
        public static readonly JsonElement Element = JsonDocument.Parse("\"TCP\"").RootElement.Clone();
    }
}
