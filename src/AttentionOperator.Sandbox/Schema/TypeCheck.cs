using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Schema;

/// <summary>
/// Finds the first value whose JSON type cannot be decoded into a built-in kind, as the API server's decoder does
/// (which fails the request with 400 before any validation).
/// </summary>
internal static class TypeCheck
{
    public static string? FirstMismatch(JsonNode? value, SchemaNode schema) => Check(value, schema, "", "");

    private static string? Check(JsonNode? value, SchemaNode schema, string owner, string path)
    {
        if (value is null || schema.PreserveUnknownFields) return null;
        switch (value)
        {
            case JsonObject obj:
                if (schema.Type is not (null or "object")) return Mismatch("object", schema, owner, path);
                foreach (var (name, member) in obj)
                {
                    if (schema.Member(name) is not { } child) continue;
                    var field = path.Length == 0 ? name : $"{path}.{name}";
                    if (Check(member, child, schema.TypeName ?? owner, field) is { } found) return found;
                }

                return null;
            case JsonArray array:
                if (schema.Type is not (null or "array")) return Mismatch("array", schema, owner, path);
                return schema.Items is null ? null : array.Select(item => Check(item, schema.Items, owner, path)).FirstOrDefault(found => found is not null);
            default:
                return CheckScalar((JsonValue)value, schema, owner, path);
        }
    }

    private static string? CheckScalar(JsonValue value, SchemaNode schema, string owner, string path)
    {
        var kind = value.GetValueKind();
        if (schema.IntOrString)
        {
            return kind is JsonValueKind.String or JsonValueKind.Number ? null : Mismatch(Shown(kind), schema, owner, path);
        }

        var fits = schema.Type switch
        {
            null => true,
            "string" => kind == JsonValueKind.String,
            "integer" => kind == JsonValueKind.Number && value.AsInteger() is { } n && (schema.Format != "int32" || (n <= int.MaxValue && n >= int.MinValue)),
            "number" => kind == JsonValueKind.Number,
            "boolean" => kind is JsonValueKind.True or JsonValueKind.False,
            _ => false,
        };
        if (!fits) return Mismatch(kind == JsonValueKind.Number && schema.Type == "integer" ? $"number {value.ToJsonString()}" : Shown(kind), schema, owner, path);
        if (schema.Format == "byte" && kind == JsonValueKind.String && !IsBase64(value.GetValue<string>())) return $"illegal base64 data at input byte 0 (field {path})";
        if (schema.Format == "date-time" && kind == JsonValueKind.String && value.GetValue<string>() is { Length: > 0 } time
            && !DateTimeOffset.TryParse(time, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.None, out _))
        {
            return $"parsing time \"{time}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"{time}\" as \"2006\"";
        }

        return null;
    }

    private static bool IsBase64(string text) => text.Length == 0 || Convert.TryFromBase64String(text, new byte[text.Length], out _);

    private static string Shown(JsonValueKind kind) => kind switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "bool",
        _ => "object",
    };

    private static string Mismatch(string actual, SchemaNode schema, string owner, string path)
    {
        var go = schema.Type switch
        {
            "integer" => schema.Format ?? "int64",
            "boolean" => "bool",
            "array" => "[]" + GoType(schema.Items),
            "object" when schema.AdditionalProperties is { } values => "map[string]" + GoType(values),
            _ => GoType(schema),
        };
        var type = System.Text.RegularExpressions.Regex.Replace(owner, @"^(?:[A-Z][a-z]+v\d|V\d)", "");
        return $"json: cannot unmarshal {actual} into Go struct field {type}.{path} of type {go}";
    }

    private static string GoType(SchemaNode? schema) => schema switch
    {
        null => "interface {}",
        { TypeName: { } name } => "v1." + System.Text.RegularExpressions.Regex.Replace(name, @"^(?:[A-Z][a-z]+v\d|V\d)", ""),
        { Type: "string" } => "string",
        { Type: { } type } => type,
        _ => "interface {}",
    };
}
