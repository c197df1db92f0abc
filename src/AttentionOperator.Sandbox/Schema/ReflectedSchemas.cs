using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using k8s.Models;

namespace AttentionOperator.Sandbox.Schema;

/// <summary>Schemas of the built-in kinds, read from the Kubernetes client's model types and <see cref="FieldFacts"/>.</summary>
internal sealed partial class ReflectedSchemas
{
    private readonly Dictionary<Type, SchemaNode> _types = [];
    private readonly Lock _lock = new();

    public static ReflectedSchemas Shared { get; } = new();

    public SchemaNode Of(Type type)
    {
        lock (_lock) return ObjectNode(type);
    }

    /// <summary>The OpenAPI short name of a model type: V1Pod is Pod, Corev1Event is Event.</summary>
    public static string ShortName(Type type) => VersionPrefix().Replace(type.Name, "");

    private SchemaNode ObjectNode(Type type)
    {
        if (_types.TryGetValue(type, out var known)) return known;
        var name = ShortName(type);
        var node = new SchemaNode
        {
            Type = "object",
            TypeName = type.Name,
            Description = ModelDocumentation.Type(type),
            TypeDescription = ModelDocumentation.Type(type),
            AtomicMap = FieldFacts.IsAtomicType(name),
        };
        _types[type] = node;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetCustomAttribute<JsonPropertyNameAttribute>() is not { } json) continue;
            node.Properties[json.Name] = PropertyNode(type, property, FieldFacts.Of(name, json.Name));
            if (FieldFacts.Of(name, json.Name)?.Required == true) node.Required.Add(json.Name);
        }

        return node;
    }

    private SchemaNode PropertyNode(Type owner, PropertyInfo property, FieldFacts? facts)
    {
        var node = ValueNode(property.PropertyType);
        node.Description = ModelDocumentation.Property(owner, property);
        if (facts is null) return node;
        node.ListType = facts.ListType;
        node.MapKeys = facts.MapKeys;
        node.AtomicMap |= facts.Atomic;
        node.PatchMergeKey = facts.MergeKey;
        node.PatchStrategy = facts.Strategy;
        return node;
    }

    private SchemaNode ValueNode(Type declared)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (type == typeof(string)) return new SchemaNode { Type = "string" };
        if (type == typeof(byte[])) return new SchemaNode { Type = "string", Format = "byte" };
        if (type == typeof(int)) return new SchemaNode { Type = "integer", Format = "int32" };
        if (type == typeof(long)) return new SchemaNode { Type = "integer", Format = "int64" };
        if (type == typeof(bool)) return new SchemaNode { Type = "boolean" };
        if (type == typeof(double) || type == typeof(float)) return new SchemaNode { Type = "number", Format = "double" };
        if (type == typeof(DateTime) || type == typeof(DateTimeOffset)) return new SchemaNode { Type = "string", Format = "date-time" };
        if (type == typeof(IntOrString)) return new SchemaNode { IntOrString = true, Format = "int-or-string" };
        if (type == typeof(ResourceQuantity)) return new SchemaNode { IntOrString = true, Format = "quantity" };
        if (type == typeof(object) || type == typeof(JsonElement) || type == typeof(JsonDocument)) return new SchemaNode { PreserveUnknownFields = true };
        if (DictionaryValue(type) is { } value) return new SchemaNode { Type = "object", AdditionalProperties = ValueNode(value) };
        if (ListElement(type) is { } element) return new SchemaNode { Type = "array", Items = ValueNode(element) };
        return Reference(ObjectNode(type));
    }

    /// <summary>A use of a type: shares its property tables (which may still be filling) but carries its own facts.</summary>
    private static SchemaNode Reference(SchemaNode type) => new()
    {
        Type = type.Type,
        TypeName = type.TypeName,
        Description = type.Description,
        TypeDescription = type.TypeDescription,
        Properties = type.Properties,
        Required = type.Required,
        AtomicMap = type.AtomicMap,
    };

    private static Type? DictionaryValue(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IDictionary<,>) ? type.GetGenericArguments()[1] : null;

    private static Type? ListElement(Type type) =>
        type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type) && type.GetGenericArguments().Length == 1 ? type.GetGenericArguments()[0] : null;

    [GeneratedRegex(@"^(?:[A-Z][a-z]+v\d+|V\d+(?:(?:alpha|beta)\d+)?)(?=[A-Z])")]
    private static partial Regex VersionPrefix();
}
