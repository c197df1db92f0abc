using System.Collections;
using System.Reflection;
using System.Text.Json;
using k8s.Models;

namespace AttentionOperator.Api.Schema;

/// <summary>Structural OpenAPI v3 schema of a contract type, from its properties, attributes, default values and documentation.</summary>
internal sealed class SchemaBuilder(XmlDocumentation documentation)
{
    private readonly NullabilityInfoContext nullability = new();

    private V1JSONSchemaProps OfObject(Type type)
    {
        var schema = new V1JSONSchemaProps { Type = "object", Properties = new Dictionary<string, V1JSONSchemaProps>() };
        var required = new List<string>();
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(IsPublished))
        {
            var name = JsonName(property);
            schema.Properties[name] = OfProperty(property);
            if (property.IsDefined(typeof(RequiredFieldAttribute)))
            {
                required.Add(name);
            }
        }

        schema.Required = required.Count > 0 ? required : null;
        schema.XKubernetesValidations = Rules(type);
        return schema;
    }

    private static bool IsPublished(PropertyInfo property) => !property.IsDefined(typeof(PlannedAttribute)) && property.CanWrite;

    private static string JsonName(PropertyInfo property) => JsonNamingPolicy.CamelCase.ConvertName(property.Name);

    public V1JSONSchemaProps OfProperty(PropertyInfo property)
    {
        var schema = OfType(property, property.PropertyType);
        schema.Description = Describe(property);
        if (property.GetCustomAttribute<BoundsAttribute>() is { } bounds)
        {
            schema.Minimum = bounds.Minimum;
            schema.Maximum = bounds.Maximum == long.MaxValue ? null : bounds.Maximum;
        }

        if (property.GetCustomAttribute<LengthAttribute>() is { } length)
        {
            ApplyLength(schema, length);
        }

        ApplyStringForm(schema, property);
        ApplyListType(schema, property);
        if (Rules(property) is { } rules)
        {
            schema.XKubernetesValidations = [.. schema.XKubernetesValidations ?? [], .. rules];
        }

        if (!property.IsDefined(typeof(RequiredFieldAttribute)))
        {
            schema.DefaultProperty = Default(property);
        }

        return schema;
    }

    private V1JSONSchemaProps OfType(PropertyInfo property, Type declared)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (KubernetesSchemas.TryGet(type, out var known))
        {
            return known;
        }

        if (type.IsEnum)
        {
            return new V1JSONSchemaProps { Type = "string", EnumProperty = [.. PublishedValues(type).Select(field => (object)field.Name)] };
        }

        if (type == typeof(string))
        {
            return new V1JSONSchemaProps { Type = "string" };
        }

        if (type == typeof(bool))
        {
            return new V1JSONSchemaProps { Type = "boolean" };
        }

        if (type == typeof(int) || type == typeof(long))
        {
            return new V1JSONSchemaProps { Type = "integer", Format = type == typeof(int) ? "int32" : "int64" };
        }

        if (type == typeof(DateTime))
        {
            return new V1JSONSchemaProps { Type = "string", Format = "date-time" };
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>))
        {
            return new V1JSONSchemaProps { Type = "object", AdditionalProperties = OfType(property, type.GetGenericArguments()[1]) };
        }

        if (type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type))
        {
            return new V1JSONSchemaProps { Type = "array", Items = OfType(property, type.GetGenericArguments()[0]) };
        }

        return type.Namespace == typeof(V1Alpha1.AttentionModel).Namespace
            ? OfObject(type)
            : throw new NotSupportedException($"{property.DeclaringType!.Name}.{property.Name}: no schema is known for {type}; add it to {nameof(KubernetesSchemas)}");
    }

    private static IEnumerable<FieldInfo> PublishedValues(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => !field.IsDefined(typeof(PlannedAttribute)));

    private static void ApplyLength(V1JSONSchemaProps schema, LengthAttribute length)
    {
        long? minimum = length.Minimum == 0 ? null : length.Minimum;
        switch (schema.Type)
        {
            case "array":
                (schema.MinItems, schema.MaxItems) = (minimum, length.Maximum);
                break;
            case "object":
                (schema.MinProperties, schema.MaxProperties) = (minimum, length.Maximum);
                break;
            default:
                (schema.MinLength, schema.MaxLength) = (minimum, length.Maximum);
                break;
        }
    }

    private static void ApplyStringForm(V1JSONSchemaProps schema, PropertyInfo property)
    {
        schema.Pattern = property.GetCustomAttribute<PatternAttribute>()?.Pattern ?? schema.Pattern;
        if (property.IsDefined(typeof(DurationAttribute)))
        {
            schema.Pattern = DurationAttribute.Pattern;
            schema.MaxLength = 32;
        }

        var intOrString = property.IsDefined(typeof(QuantityAttribute)) ? QuantityAttribute.Pattern
            : property.IsDefined(typeof(DecimalAttribute)) ? DecimalAttribute.Pattern
            : property.IsDefined(typeof(CountOrPercentAttribute)) ? CountOrPercentAttribute.Pattern
            : null;
        if (intOrString is not null)
        {
            schema.Type = null;
            schema.AnyOf = [new V1JSONSchemaProps { Type = "integer" }, new V1JSONSchemaProps { Type = "string" }];
            schema.XKubernetesIntOrString = true;
            schema.Pattern = intOrString;
        }
    }

    private static void ApplyListType(V1JSONSchemaProps schema, PropertyInfo property)
    {
        if (schema.Type != "array")
        {
            return;
        }

        if (property.GetCustomAttribute<ListMapAttribute>() is { } map)
        {
            schema.XKubernetesListType = "map";
            schema.XKubernetesListMapKeys = [map.Key];
            // The API server asks for keys to be required or defaulted.
            if (schema.Items is V1JSONSchemaProps items && items.Required?.Contains(map.Key) != true)
            {
                items.Required = [map.Key, .. items.Required ?? []];
            }
        }
        else
        {
            schema.XKubernetesListType = property.IsDefined(typeof(ListSetAttribute)) ? "set" : "atomic";
        }
    }

    private object? Default(PropertyInfo property)
    {
        // Only what the type promises is a default: a nullable property says that null means something of its own.
        if (nullability.Create(property).ReadState == NullabilityState.Nullable || Nullable.GetUnderlyingType(property.PropertyType) is not null)
        {
            return null;
        }

        var value = property.GetValue(Activator.CreateInstance(property.DeclaringType!));
        return value switch
        {
            null or false => null,
            string or true => value,
            int or long => InStatus(property) ? null : value,
            Enum => value.ToString(),
            IEnumerable => null,
            _ => new Dictionary<string, object>(),
        };
    }

    private static bool InStatus(PropertyInfo property) => property.DeclaringType!.Name is var name && (name.Contains("Status", StringComparison.Ordinal) || name.Contains("Evidence", StringComparison.Ordinal) || name.Contains("Usage", StringComparison.Ordinal));

    private string Describe(PropertyInfo property)
    {
        var text = documentation.Of(property)
            ?? throw new InvalidOperationException($"{property.DeclaringType!.Name}.{property.Name} has no documentation, which the CRD needs as its description");
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (!type.IsEnum)
        {
            return text;
        }

        return text + string.Concat(PublishedValues(type).Select(field => $"\n{field.Name}: {documentation.Of(field)}"));
    }

    public static List<V1ValidationRule>? Rules(MemberInfo member)
    {
        var rules = member.GetCustomAttributes<CelRuleAttribute>(inherit: false).Select(rule => new V1ValidationRule { Rule = rule.Rule, Message = rule.Message }).ToList();
        return rules.Count > 0 ? rules : null;
    }
}
