using System.Text.Json.Nodes;

namespace AttentionOperator.Sandbox.Schema;

/// <summary>Fills declared defaults, outside in, so that a defaulted object gets the defaults of its members too.</summary>
internal static class Defaulting
{
    public static void Apply(JsonNode? value, SchemaNode schema)
    {
        switch (value)
        {
            case JsonObject obj:
                foreach (var (name, property) in schema.Properties)
                {
                    if (property.Default is { } fallback && (!obj.TryGetPropertyValue(name, out var current) || (current is null && !property.Nullable)))
                        obj[name] = fallback.DeepClone();
                    if (HasDefaults(property)) Apply(obj[name], property);
                }

                if (schema.AdditionalProperties is { } values && HasDefaults(values))
                {
                    foreach (var (name, member) in obj)
                    {
                        if (!schema.Properties.ContainsKey(name)) Apply(member, values);
                    }
                }

                break;
            case JsonArray array when schema.Items is { } items:
                foreach (var item in array) Apply(item, items);
                break;
        }
    }

    private static bool HasDefaults(SchemaNode schema) => schema.Properties.Count > 0 || schema.AdditionalProperties is not null || schema.Items is not null;
}
