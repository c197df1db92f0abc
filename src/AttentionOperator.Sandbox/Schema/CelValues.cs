using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Schema;

/// <summary>JSON values as CEL sees them, typed by the schema.</summary>
internal static class CelValues
{
    public static object? From(JsonNode? value, SchemaNode? schema) => value switch
    {
        null => null,
        JsonObject obj => obj.ToDictionary(m => m.Key, m => From(m.Value, schema?.Member(m.Key)), StringComparer.Ordinal),
        JsonArray array => array.Select(i => From(i, schema?.Items)).ToArray(),
        _ => Scalar((JsonValue)value, schema),
    };

    private static object? Scalar(JsonValue value, SchemaNode? schema)
    {
        switch (value.GetValueKind())
        {
            case JsonValueKind.True:
                return true;
            case JsonValueKind.False:
                return false;
            case JsonValueKind.Number:
                return schema?.Type != "number" && value.AsInteger() is { } integer ? integer : value.AsNumber();
            default:
                return value.AsText();
        }
    }
}
