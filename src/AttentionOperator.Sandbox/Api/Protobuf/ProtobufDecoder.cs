using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Schema;

namespace AttentionOperator.Sandbox.Api.Protobuf;

/// <summary>
/// Reads <c>application/vnd.kubernetes.protobuf</c> bodies of built-in kinds, which kubectl sends for typed writes, into the JSON form.
/// The envelope is <c>k8s\0</c> and a message with the type (1) and the object's bytes (2).
/// </summary>
internal static class ProtobufDecoder
{
    private static readonly DateTimeOffset Epoch = DateTimeOffset.UnixEpoch;

    /// <param name="bytes">The request body.</param>
    /// <param name="schemaOf">Finds the schema of an apiVersion and kind.</param>
    public static JsonObject Decode(ReadOnlySpan<byte> bytes, Func<string, string, SchemaNode?> schemaOf)
    {
        if (!bytes.StartsWith("k8s\0"u8)) throw ApiErrors.BadRequest("the protobuf body does not start with the Kubernetes magic number");
        var reader = new WireReader(bytes[4..]);
        string apiVersion = "", kind = "";
        ReadOnlySpan<byte> raw = default;
        while (reader.Next(out var field))
        {
            if (field == 1)
            {
                var meta = new WireReader(reader.Bytes());
                while (meta.Next(out var part))
                {
                    var text = Encoding.UTF8.GetString(meta.Bytes());
                    if (part == 1) apiVersion = text;
                    else kind = text;
                }
            }
            else if (field == 2)
            {
                raw = reader.Bytes();
            }
            else
            {
                reader.Skip();
            }
        }

        var schema = schemaOf(apiVersion, kind) ?? throw ApiErrors.BadRequest($"no kind \"{kind}\" is registered for version \"{apiVersion}\"");
        var result = new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind };
        ReadMessage(raw, schema.TypeName!, schema, result);
        return result;
    }

    private static void ReadMessage(ReadOnlySpan<byte> bytes, string message, SchemaNode schema, JsonObject target)
    {
        var numbers = FieldNumbers.Of(message) ?? throw ApiErrors.UnsupportedMediaType($"the protobuf form of {message} is not supported; send application/json");
        var reader = new WireReader(bytes);
        while (reader.Next(out var field))
        {
            if (!numbers.TryGetValue(field, out var declared))
            {
                reader.Skip();
                continue;
            }

            var name = declared.TrimEnd('?');
            if (schema.Properties.TryGetValue(name, out var property))
            {
                ReadField(ref reader, name, property, target, keepZero: declared.EndsWith('?'));
            }
            else if (FieldNumbers.Of($"{message}.{name}") is not null)
            {
                ReadMessage(reader.Bytes(), $"{message}.{name}", schema, target);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static void ReadField(ref WireReader reader, string name, SchemaNode schema, JsonObject target, bool keepZero)
    {
        if (schema.Type == "array")
        {
            var array = target[name] as JsonArray;
            if (array is null) target[name] = array = [];
            array.Add(ReadValue(ref reader, schema.Items!));
        }
        else if (schema.AdditionalProperties is { } values)
        {
            ReadEntry(reader.Bytes(), values, target.Ensure(name));
        }
        else
        {
            var value = ReadValue(ref reader, schema);
            // The wire always carries the zero values of plain fields, which JSON leaves out.
            if (keepZero || !IsZero(value)) target[name] = value;
        }
    }

    private static bool IsZero(JsonNode? value) => value is JsonValue scalar
        && (value.AsText() == "" || value.AsInteger() == 0 || (scalar.TryGetValue<bool>(out var flag) && !flag));

    private static void ReadEntry(ReadOnlySpan<byte> bytes, SchemaNode values, JsonObject target)
    {
        var entry = new WireReader(bytes);
        var key = "";
        JsonNode? value = values.Type == "string" ? "" : null;
        while (entry.Next(out var part))
        {
            if (part == 1) key = Encoding.UTF8.GetString(entry.Bytes());
            else value = values.Type == "array" ? ReadNestedList(entry.Bytes(), values) : ReadValue(ref entry, values);
        }

        target[key] = value;
    }

    /// <summary>Maps of lists are maps of messages whose first field is the list.</summary>
    private static JsonArray ReadNestedList(ReadOnlySpan<byte> bytes, SchemaNode list)
    {
        var items = new JsonArray();
        var reader = new WireReader(bytes);
        while (reader.Next(out _)) items.Add(ReadValue(ref reader, list.Items!));
        return items;
    }

    private static JsonNode? ReadValue(ref WireReader reader, SchemaNode schema)
    {
        if (schema.Format == "quantity") return ReadFirstText(reader.Bytes());
        if (schema.Format == "int-or-string") return ReadIntOrString(reader.Bytes());
        if (schema.Format == "date-time") return ReadTime(reader.Bytes());
        if (schema.PreserveUnknownFields) return ReadRawJson(reader.Bytes());
        switch (schema.Type)
        {
            case "string" when schema.Format == "byte":
                return Convert.ToBase64String(reader.Bytes());
            case "string":
                return Encoding.UTF8.GetString(reader.Bytes());
            case "boolean":
                return reader.Varint() != 0;
            case "integer":
                return (long)reader.Varint();
            case "number":
                return BitConverter.Int64BitsToDouble((long)reader.Fixed64());
            default:
                var child = new JsonObject();
                var bytes = reader.Bytes();
                ReadMessage(bytes, schema.TypeName ?? throw ApiErrors.UnsupportedMediaType("the protobuf body has a field without a known message type; send application/json"), schema, child);
                return child;
        }
    }

    private static string ReadFirstText(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        return reader.Next(out _) ? Encoding.UTF8.GetString(reader.Bytes()) : "0";
    }

    private static JsonNode? ReadRawJson(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        return reader.Next(out _) && reader.Bytes() is { Length: > 0 } raw ? JsonReading.Parse(raw) : null;
    }

    private static JsonValue ReadIntOrString(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        long kind = 0, number = 0;
        var text = "";
        while (reader.Next(out var field))
        {
            if (field == 1) kind = (long)reader.Varint();
            else if (field == 2) number = (long)reader.Varint();
            else text = Encoding.UTF8.GetString(reader.Bytes());
        }

        return kind == 1 ? JsonValue.Create(text) : JsonValue.Create(number);
    }

    private static JsonValue? ReadTime(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        long seconds = 0, nanos = 0;
        while (reader.Next(out var field))
        {
            if (field == 1) seconds = (long)reader.Varint();
            else nanos = (long)reader.Varint();
        }

        if (seconds == 0 && nanos == 0) return null;
        var time = Epoch.AddSeconds(seconds).AddTicks(nanos / 100);
        return JsonValue.Create(nanos == 0 ? ObjectMeta.Time(time) : time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
    }
}
