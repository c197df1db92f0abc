using System.Text.Json;
using System.Text.Json.Nodes;

namespace AttentionOperator.Sandbox.Json;

/// <summary>
/// Parses JSON into nodes as the Kubernetes decoder does: a repeated member replaces the earlier one, and is reported.
/// <see cref="JsonNode.Parse(ref Utf8JsonReader, JsonNodeOptions?)"/> would throw when such an object is first touched.
/// </summary>
internal static class JsonReading
{
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = 256 };

    public static JsonNode? Parse(ReadOnlySpan<byte> utf8, List<string>? duplicates = null)
    {
        var reader = new Utf8JsonReader(utf8, ReaderOptions);
        if (!reader.Read()) throw new JsonException("unexpected end of JSON input");
        var node = ReadValue(ref reader, "", duplicates);
        if (reader.Read()) throw new JsonException("unexpected data after the top-level value");
        return node;
    }

    public static JsonObject ParseObject(ReadOnlySpan<byte> utf8) =>
        Parse(utf8) as JsonObject ?? throw new JsonException("expected a JSON object");

    private static JsonNode? ReadValue(ref Utf8JsonReader reader, string path, List<string>? duplicates)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return ReadObject(ref reader, path, duplicates);
            case JsonTokenType.StartArray:
                var array = new JsonArray();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    array.Add(ReadValue(ref reader, $"{path}[{array.Count}]", duplicates));
                return array;
            case JsonTokenType.String:
                return JsonValue.Create(reader.GetString());
            case JsonTokenType.True:
                return JsonValue.Create(true);
            case JsonTokenType.False:
                return JsonValue.Create(false);
            case JsonTokenType.Null:
                return null;
            case JsonTokenType.Number:
                if (reader.TryGetInt64(out var integer)) return JsonValue.Create(integer);
                return JsonValue.Create(reader.GetDouble());
            default:
                throw new JsonException($"unexpected token {reader.TokenType}");
        }
    }

    private static JsonObject ReadObject(ref Utf8JsonReader reader, string path, List<string>? duplicates)
    {
        var result = new JsonObject();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = reader.GetString()!;
            var child = path.Length == 0 ? name : $"{path}.{name}";
            if (!reader.Read()) throw new JsonException("unexpected end of JSON input");
            var value = ReadValue(ref reader, duplicates is null ? "" : child, duplicates);
            if (duplicates is not null && result.ContainsKey(name)) duplicates.Add(child);
            result[name] = value;
        }

        return result;
    }
}
