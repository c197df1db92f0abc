using System.Globalization;
using System.Text.Json;

namespace AttentionOperator.Inference.Tests.Constrained;

/// <summary>An independent reading of the supported part of JSON Schema, on values instead of on bytes.</summary>
internal static class SchemaValidator
{
    public static bool IsValid(JsonElement value, JsonElement schema, JsonElement root)
    {
        if (schema.ValueKind == JsonValueKind.True) return true;
        if (schema.ValueKind == JsonValueKind.False) return false;
        if (schema.TryGetProperty("$ref", out var reference)) return IsValid(value, Resolve(reference.GetString()!, root), root);
        if (schema.TryGetProperty("const", out var constant) && !JsonElement.DeepEquals(value, constant)) return false;
        if (schema.TryGetProperty("enum", out var values) && !values.EnumerateArray().Any(v => JsonElement.DeepEquals(v, value))) return false;
        if (schema.TryGetProperty("anyOf", out var any) && !any.EnumerateArray().Any(s => IsValid(value, s, root))) return false;
        if (schema.TryGetProperty("allOf", out var all) && !all.EnumerateArray().All(s => IsValid(value, s, root))) return false;
        if (schema.TryGetProperty("type", out var type))
        {
            var types = type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(t => t.GetString()!) : [type.GetString()!];
            if (!types.Any(t => HasType(value, t))) return false;
        }

        return value.ValueKind switch
        {
            JsonValueKind.Object => IsValidObject(value, schema, root),
            JsonValueKind.Array => Within(value.GetArrayLength(), schema, "minItems", "maxItems")
                && (!schema.TryGetProperty("items", out var items) || value.EnumerateArray().All(v => IsValid(v, items, root))),
            JsonValueKind.String => Within(new StringInfo(value.GetString()!).LengthInTextElements == 0 ? 0 : value.GetString()!.EnumerateRunes().Count(), schema, "minLength", "maxLength"),
            JsonValueKind.Number => IsWithin(value.GetDouble(), schema),
            _ => true,
        };
    }

    private static bool IsWithin(double value, JsonElement schema) =>
        (!schema.TryGetProperty("minimum", out var min) || value >= min.GetDouble()) && (!schema.TryGetProperty("maximum", out var max) || value <= max.GetDouble())
        && (!schema.TryGetProperty("exclusiveMinimum", out var above) || value > above.GetDouble()) && (!schema.TryGetProperty("exclusiveMaximum", out var below) || value < below.GetDouble());

    private static bool IsValidObject(JsonElement value, JsonElement schema, JsonElement root)
    {
        if (schema.TryGetProperty("required", out var required) && !required.EnumerateArray().All(n => value.TryGetProperty(n.GetString()!, out _))) return false;
        foreach (var property in value.EnumerateObject())
        {
            if (schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(property.Name, out var declared))
            {
                if (!IsValid(property.Value, declared, root)) return false;
            }
            else if (schema.TryGetProperty("additionalProperties", out var additional) && !IsValid(property.Value, additional, root))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Within(int length, JsonElement schema, string min, string max) =>
        (!schema.TryGetProperty(min, out var low) || length >= low.GetInt32()) && (!schema.TryGetProperty(max, out var high) || length <= high.GetInt32());

    private static bool HasType(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.GetDouble() == Math.Floor(value.GetDouble()),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        _ => value.ValueKind == JsonValueKind.Null,
    };

    private static JsonElement Resolve(string pointer, JsonElement root)
    {
        foreach (var part in pointer.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries)) root = root.GetProperty(part);
        return root;
    }
}
