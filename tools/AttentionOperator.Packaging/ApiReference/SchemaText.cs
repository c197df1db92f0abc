using System.Globalization;
using System.Text.Json;
using k8s;
using k8s.Models;

namespace AttentionOperator.Packaging.ApiReference;

/// <summary>Words for a field's schema, fit for a cell of a Markdown table.</summary>
internal static class SchemaText
{
    /// <summary>The fields of an object or of a list's items; null where there are none.</summary>
    public static V1JSONSchemaProps? Fields(V1JSONSchemaProps schema) => schema.Type switch
    {
        "object" when schema.Properties is { Count: > 0 } => schema,
        "array" when Items(schema) is { Properties.Count: > 0 } items => items,
        _ => null,
    };

    public static string Type(V1JSONSchemaProps schema)
    {
        var name = schema.XKubernetesIntOrString == true ? "integer or string"
            : schema.EnumProperty is { Count: > 0 } values ? string.Join(", ", values.Select(value => $"`{Text(value)}`"))
            : schema.Type == "array" ? $"list of {Plural(Items(schema))}"
            : schema.Type == "object" && schema.AdditionalProperties is not null ? "map"
            : schema.Format is "date-time" ? "time" : schema.Type;
        List<string> bounds = [];
        if (schema.Minimum is { } minimum && schema.Maximum is { } maximum)
        {
            bounds.Add(string.Create(CultureInfo.InvariantCulture, $"{minimum} to {maximum}"));
        }
        else if (schema.Minimum is { } least)
        {
            bounds.Add(string.Create(CultureInfo.InvariantCulture, $"at least {least}"));
        }

        if (schema.MaxItems is { } items)
        {
            bounds.Add(string.Create(CultureInfo.InvariantCulture, $"at most {items}"));
        }

        if (schema.Pattern is { } pattern)
        {
            bounds.Add($"`{pattern.Replace("|", "\\|", StringComparison.Ordinal)}`");
        }

        return bounds.Count == 0 ? name : $"{name}; {string.Join("; ", bounds)}";
    }

    public static string Default(V1JSONSchemaProps schema) => schema.DefaultProperty is null ? "" : $"`{Text(schema.DefaultProperty)}`";

    public static string Description(V1JSONSchemaProps schema)
    {
        var text = (schema.Description ?? "").Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace("\n", "<br>", StringComparison.Ordinal);
        return schema.XKubernetesValidations is { Count: > 0 } rules && schema.Type != "object" && schema.Type != "array"
            ? text + "<br>" + string.Join("<br>", rules.Select(rule => rule.Message.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)))
            : text;
    }

    private static string Plural(V1JSONSchemaProps? items) => items is null ? "values" : items.Type + "s";

    private static V1JSONSchemaProps? Items(V1JSONSchemaProps schema) => schema.Items switch
    {
        V1JSONSchemaProps direct => direct,
        null => null,
        var other => KubernetesJson.Deserialize<V1JSONSchemaProps>(KubernetesJson.Serialize(other)),
    };

    private static string Text(object value) => value as string ?? (value is JsonElement { ValueKind: JsonValueKind.String } text ? text.GetString()! : KubernetesJson.Serialize(value));
}
