using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AttentionOperator.Sandbox.Schema;

namespace AttentionOperator.Sandbox.Discovery;

/// <summary>Collects the schemas of one document; named types become shared definitions.</summary>
internal sealed partial class OpenApiSchemas(OpenApiForm form)
{
    private readonly string _prefix = form == OpenApiForm.V3 ? "#/components/schemas/" : "#/definitions/";

    public JsonObject Definitions { get; } = [];

    /// <summary>Adds a resource's schema and returns the reference to it.</summary>
    public string Root(ResourceDefinition resource)
    {
        var name = resource.IsCustom
            ? $"{string.Join('.', resource.Group.Split('.').Reverse())}.{resource.Version}.{resource.Kind}"
            : DefinitionName(resource.Schema.TypeName!);
        if (!Definitions.ContainsKey(name)) Define(name, resource.Schema);
        Definitions[name]!["x-kubernetes-group-version-kind"] = new JsonArray(GroupVersionKind(resource));
        return _prefix + name;
    }

    public static JsonObject GroupVersionKind(ResourceDefinition resource) =>
        new() { ["group"] = resource.Group, ["kind"] = resource.Kind, ["version"] = resource.Version };

    private void Define(string name, SchemaNode node)
    {
        Definitions[name] = new JsonObject();
        Definitions[name] = Write(node, inline: true);
    }

    private JsonObject Write(SchemaNode node, bool inline = false)
    {
        if (!inline && node is { TypeName: { } typeName, Properties.Count: > 0 }) return Reference(typeName, node);
        var json = new JsonObject();
        var description = inline && node.TypeName is not null ? node.TypeDescription : node.Description;
        if (description.Length > 0) json["description"] = description;
        if (node.IntOrString) WriteIntOrString(json, node);
        else if (node.Type is { } type) json["type"] = type;
        if (node.Format is { } format && !node.IntOrString) json["format"] = format;
        if (node.Default is { } fallback) json["default"] = fallback.DeepClone();
        if (node.Nullable && form == OpenApiForm.V3) json["nullable"] = true;
        if (node.PreserveUnknownFields) json["x-kubernetes-preserve-unknown-fields"] = true;
        if (node.EmbeddedResource) json["x-kubernetes-embedded-resource"] = true;
        WriteChildren(json, node);
        WriteLists(json, node);
        if (node.Rules is { } rules) WriteRules(json, rules);
        return json;
    }

    private JsonObject Reference(string typeName, SchemaNode node)
    {
        var name = DefinitionName(typeName);
        if (!Definitions.ContainsKey(name)) Define(name, node);
        var reference = new JsonObject { ["$ref"] = _prefix + name };
        if (form == OpenApiForm.V2) return reference;
        var json = new JsonObject { ["allOf"] = new JsonArray(reference) };
        if (node.Description.Length > 0) json["description"] = node.Description;
        WriteLists(json, node);
        return json;
    }

    private static void WriteIntOrString(JsonObject json, SchemaNode node)
    {
        if (node.Format is "int-or-string" or "quantity")
        {
            json["type"] = "string";
            if (node.Format == "int-or-string") json["format"] = "int-or-string";
            return;
        }

        json["x-kubernetes-int-or-string"] = true;
    }

    private void WriteChildren(JsonObject json, SchemaNode node)
    {
        if (node.Properties.Count > 0)
        {
            var properties = new JsonObject();
            foreach (var (name, property) in node.Properties.OrderBy(p => p.Key, StringComparer.Ordinal)) properties[name] = Write(property);
            json["properties"] = properties;
        }

        if (node.Required.Count > 0) json["required"] = ClassicDiscovery.Array(node.Required);
        if (node.AdditionalProperties is { } values) json["additionalProperties"] = Write(values);
        if (node.Items is { } items) json["items"] = Write(items);
    }

    private static void WriteLists(JsonObject json, SchemaNode node)
    {
        if (node.ListType is { } listType) json["x-kubernetes-list-type"] = listType;
        if (node.MapKeys.Count > 0) json["x-kubernetes-list-map-keys"] = ClassicDiscovery.Array(node.MapKeys);
        if (node.AtomicMap) json["x-kubernetes-map-type"] = "atomic";
        if (node.PatchMergeKey is { } key) json["x-kubernetes-patch-merge-key"] = key;
        if (node.PatchStrategy is { } strategy) json["x-kubernetes-patch-strategy"] = strategy;
    }

    private static void WriteRules(JsonObject json, ValueRules rules)
    {
        if (rules.Enum is { } values) json["enum"] = new JsonArray([.. values.Select(v => v?.DeepClone())]);
        if (rules.Pattern is { } pattern) json["pattern"] = pattern.ToString();
        foreach (var (name, value) in (IEnumerable<(string, double?)>)
            [("minimum", rules.Minimum), ("maximum", rules.Maximum), ("minLength", rules.MinLength), ("maxLength", rules.MaxLength), ("minItems", rules.MinItems), ("maxItems", rules.MaxItems)])
        {
            if (value is { } number) json[name] = JsonNode.Parse(number.ToString("R", CultureInfo.InvariantCulture));
        }
    }

    /// <summary>V1PodSpec is io.k8s.api.v1.PodSpec, Corev1Event is io.k8s.api.corev1.Event.</summary>
    private static string DefinitionName(string typeName)
    {
        var match = Versioned().Match(typeName);
        return match.Success ? $"io.k8s.api.{match.Groups[1].Value.ToLowerInvariant()}.{match.Groups[2].Value}" : $"io.k8s.api.{typeName}";
    }

    [GeneratedRegex(@"^((?:[A-Z][a-z]+)?[vV]\d+(?:(?:alpha|beta)\d+)?)([A-Z].*)$")]
    private static partial Regex Versioned();
}
