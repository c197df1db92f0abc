using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Schema;

/// <summary>Checks values against a structural schema, with the wording of the API server.</summary>
internal static class SchemaValidator
{
    public static void Validate(JsonNode? value, SchemaNode schema, string path, List<FieldError> errors)
    {
        if (value is null)
        {
            if (!schema.Nullable && schema.Type is not null)
                errors.Add(FieldError.TypeInvalid(path, "null", $"{Body(path)} must be of type {schema.Type}: \"null\""));
            return;
        }

        if (!TypeFits(value, schema, path, errors)) return;
        switch (value)
        {
            case JsonObject obj:
                ValidateObject(obj, schema, path, errors);
                break;
            case JsonArray array:
                ValidateArray(array, schema, path, errors);
                break;
            case JsonValue scalar:
                ScalarRules.Validate(scalar, schema, path, errors);
                break;
        }

        if (schema.Rules is not { } rules) return;
        if (rules.Enum is { } allowed && !allowed.Any(a => JsonNode.DeepEquals(a, value)))
            errors.Add(FieldError.NotSupported(path, value, allowed.Select(a => a.AsText() ?? JsonFormat.ToText(a))));
        ValidateJunctors(value, rules, path, errors);
    }

    private static bool TypeFits(JsonNode value, SchemaNode schema, string path, List<FieldError> errors)
    {
        var kind = value.GetValueKind();
        if (schema.IntOrString)
        {
            if (kind == JsonValueKind.String || (kind == JsonValueKind.Number && (schema.Format == "quantity" || value.AsInteger() is not null))) return true;
            errors.Add(FieldError.TypeInvalid(path, ShownType(value), $"{Body(path)} must be of type integer,string: \"{NameOf(value)}\""));
            return false;
        }

        var fits = schema.Type switch
        {
            null => true,
            "object" => kind == JsonValueKind.Object,
            "array" => kind == JsonValueKind.Array,
            "string" => kind == JsonValueKind.String,
            "boolean" => kind is JsonValueKind.True or JsonValueKind.False,
            "number" => kind == JsonValueKind.Number,
            "integer" => kind == JsonValueKind.Number && value.AsInteger() is not null,
            _ => false,
        };
        if (!fits) errors.Add(FieldError.TypeInvalid(path, ShownType(value), $"{Body(path)} must be of type {schema.Type}: \"{NameOf(value)}\""));
        return fits;
    }

    private static void ValidateObject(JsonObject obj, SchemaNode schema, string path, List<FieldError> errors)
    {
        foreach (var required in schema.Required)
        {
            if (!obj.ContainsKey(required)) errors.Add(FieldError.Required(Join(path, required)));
        }

        if (schema.Rules is { } rules)
        {
            if (rules.MinProperties is { } min && obj.Count < min)
                errors.Add(FieldError.Invalid(path, obj.Count, $"{Body(path)} should have at least {min} properties"));
            if (rules.MaxProperties is { } max && obj.Count > max) errors.Add(FieldError.TooMany(path, obj.Count, max));
        }

        foreach (var (name, value) in obj)
        {
            if (schema.Properties.TryGetValue(name, out var property)) Validate(value, property, Join(path, name), errors);
            else if (schema.AdditionalProperties is { } values) Validate(value, values, $"{path}.{name}".TrimStart('.'), errors);
        }
    }

    private static void ValidateArray(JsonArray array, SchemaNode schema, string path, List<FieldError> errors)
    {
        if (schema.Rules is { } rules)
        {
            if (rules.MinItems is { } min && array.Count < min)
                errors.Add(FieldError.Invalid(path, array.Count, $"{Body(path)} should have at least {min} items"));
            if (rules.MaxItems is { } max && array.Count > max) errors.Add(FieldError.TooMany(path, array.Count, max));
        }

        if (schema.Items is { } items)
        {
            for (var i = 0; i < array.Count; i++) Validate(array[i], items, $"{path}[{i}]", errors);
        }

        ListKeys.ReportDuplicates(array, schema, path, errors);
    }

    private static void ValidateJunctors(JsonNode value, ValueRules rules, string path, List<FieldError> errors)
    {
        foreach (var part in rules.AllOf) Validate(value, part, path, errors);
        if (rules.AnyOf.Count > 0 && !rules.AnyOf.Any(s => Fits(value, s, path)))
            errors.Add(FieldError.InvalidText(path, Shown(value), $"{Body(path)} must validate at least one schema (anyOf)"));
        if (rules.OneOf.Count > 0)
        {
            var matching = rules.OneOf.Count(s => Fits(value, s, path));
            if (matching != 1)
            {
                errors.Add(FieldError.InvalidText(path, Shown(value),
                    $"{Body(path)} must validate one and only one schema (oneOf). " + (matching == 0 ? "Found none valid" : $"Found {matching} valid alternatives")));
            }
        }

        if (rules.Not is { } not && Fits(value, not, path))
            errors.Add(FieldError.InvalidText(path, Shown(value), $"{Body(path)} must not validate the schema (not)"));
    }

    private static bool Fits(JsonNode value, SchemaNode schema, string path)
    {
        var found = new List<FieldError>();
        Validate(value, schema, path, found);
        return found.Count == 0;
    }

    internal static string Body(string path) => path.Length == 0 ? "in body" : $"{path} in body";

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string Shown(JsonNode value) => value is JsonValue ? FieldError.Show(value) : $"\"{NameOf(value)}\"";

    private static string ShownType(JsonNode value) => $"\"{NameOf(value)}\"";

    private static string NameOf(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => value.AsInteger() is null ? "number" : "integer",
        _ => "boolean",
    };
}
