using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AttentionOperator.Sandbox.Json;
using k8s.Models;

namespace AttentionOperator.Sandbox.Schema;

/// <summary>Reads the <c>openAPIV3Schema</c> of a CustomResourceDefinition.</summary>
internal static class CrdSchemaReader
{
    /// <summary>The schema of a whole object: the declared one with the type and object metadata that every resource has.</summary>
    public static SchemaNode ReadRoot(JsonObject? schema, string description = "")
    {
        var root = schema is null ? new SchemaNode { Type = "object", PreserveUnknownFields = true } : Read(schema);
        if (root.Description.Length == 0) root.Description = description;
        AddResourceFields(root);
        return root;
    }

    public static SchemaNode Read(JsonObject schema)
    {
        var node = new SchemaNode
        {
            Type = schema.Text("type"),
            Format = schema.Text("format"),
            Description = schema.Text("description") ?? "",
            Nullable = schema.Flag("nullable") ?? false,
            IntOrString = schema.Flag("x-kubernetes-int-or-string") ?? false,
            PreserveUnknownFields = schema.Flag("x-kubernetes-preserve-unknown-fields") ?? false,
            EmbeddedResource = schema.Flag("x-kubernetes-embedded-resource") ?? false,
            ListType = schema.Text("x-kubernetes-list-type"),
            MapKeys = Texts(schema.Array("x-kubernetes-list-map-keys")),
            AtomicMap = schema.Text("x-kubernetes-map-type") == "atomic",
            Default = schema["default"]?.DeepClone(),
            Required = [.. Texts(schema.Array("required"))],
            Items = schema["items"] is JsonObject items ? Read(items) : null,
            AdditionalProperties = ReadAdditional(schema["additionalProperties"]),
            Rules = ReadRules(schema),
            Validations = ReadValidations(schema.Array("x-kubernetes-validations")),
        };
        foreach (var (name, value) in schema.Object("properties") ?? [])
        {
            if (value is JsonObject property) node.Properties[name] = Read(property);
        }

        if (node.EmbeddedResource) AddResourceFields(node);
        return node;
    }

    private static void AddResourceFields(SchemaNode node)
    {
        node.Properties["apiVersion"] = new SchemaNode { Type = "string", Description = "APIVersion defines the versioned schema of this representation of an object." };
        node.Properties["kind"] = new SchemaNode { Type = "string", Description = "Kind is a string value representing the REST resource this object represents." };
        var declared = node.Properties.GetValueOrDefault("metadata");
        var meta = ReflectedSchemas.Shared.Of(typeof(V1ObjectMeta));
        node.Properties["metadata"] = declared?.Properties.Count > 0 ? WithDeclaredRules(meta, declared) : meta;
    }

    /// <summary>A CustomResourceDefinition may restrict metadata.name; its rules apply on top of ObjectMeta.</summary>
    private static SchemaNode WithDeclaredRules(SchemaNode meta, SchemaNode declared)
    {
        var result = new SchemaNode { Type = "object", TypeName = meta.TypeName, Properties = new Dictionary<string, SchemaNode>(meta.Properties) };
        foreach (var (name, property) in declared.Properties) result.Properties[name] = property;
        return result;
    }

    private static SchemaNode? ReadAdditional(JsonNode? value) => value switch
    {
        JsonObject schema => Read(schema),
        JsonValue flag when flag.TryGetValue<bool>(out var allowed) && allowed => new SchemaNode { PreserveUnknownFields = true },
        _ => null,
    };

    private static ValueRules ReadRules(JsonObject schema) => new()
    {
        Enum = schema.Array("enum") is { } values ? [.. values.Select(v => v?.DeepClone())] : null,
        Pattern = schema.Text("pattern") is { } pattern ? new Regex(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(2)) : null,
        Minimum = schema["minimum"].AsNumber(),
        Maximum = schema["maximum"].AsNumber(),
        ExclusiveMinimum = schema.Flag("exclusiveMinimum") ?? false,
        ExclusiveMaximum = schema.Flag("exclusiveMaximum") ?? false,
        MultipleOf = schema["multipleOf"].AsNumber(),
        MinLength = schema.Integer("minLength"),
        MaxLength = schema.Integer("maxLength"),
        MinItems = schema.Integer("minItems"),
        MaxItems = schema.Integer("maxItems"),
        UniqueItems = schema.Flag("uniqueItems") ?? false,
        MinProperties = schema.Integer("minProperties"),
        MaxProperties = schema.Integer("maxProperties"),
        AllOf = [.. schema.Array("allOf").Objects().Select(Read)],
        AnyOf = [.. schema.Array("anyOf").Objects().Select(Read)],
        OneOf = [.. schema.Array("oneOf").Objects().Select(Read)],
        Not = schema["not"] is JsonObject not ? Read(not) : null,
    };

    private static List<ValidationRule> ReadValidations(JsonArray? rules) =>
        [.. rules.Objects().Select(r => new ValidationRule(r.Text("rule") ?? "", r.Text("message"), r.Text("messageExpression"),
            r.Text("reason") ?? "FieldValueInvalid", r.Text("fieldPath"), r.Flag("optionalOldSelf") ?? false))];

    private static string[] Texts(JsonArray? array) => [.. array?.Select(v => v.AsText()).OfType<string>() ?? []];
}
