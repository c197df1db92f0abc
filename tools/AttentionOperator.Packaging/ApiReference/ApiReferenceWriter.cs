using System.Globalization;
using System.Text;
using k8s.Models;

namespace AttentionOperator.Packaging.ApiReference;

/// <summary>The reference of the AttentionModel's fields, from the definition that is generated from the types.</summary>
internal static class ApiReferenceWriter
{
    public static string Write(V1CustomResourceDefinition definition)
    {
        var version = definition.Spec.Versions.Single(candidate => candidate.Storage);
        var root = version.Schema.OpenAPIV3Schema;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            # API reference: {definition.Spec.Names.Kind}
            Generated from the types by `make generate`; do not edit. The same is in the cluster: `kubectl explain {definition.Spec.Names.Singular} --recursive`.

            `apiVersion: {definition.Spec.Group}/{version.Name}`, `kind: {definition.Spec.Names.Kind}`, {definition.Spec.Scope.ToLowerInvariant()}, short name `{definition.Spec.Names.ShortNames[0]}`. {root.Description}


            """);
        Rules(text, "The whole object", root);
        foreach (var part in (string[])["spec", "status"])
        {
            text.Append(CultureInfo.InvariantCulture, $"## {part}\n{root.Properties[part].Description}\n\n");
            Section(text, part, root.Properties[part]);
        }

        Columns(text, version);
        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static void Section(StringBuilder text, string path, V1JSONSchemaProps schema)
    {
        text.Append("| field | type | default | what |\n| --- | --- | --- | --- |\n");
        var nested = new List<(string Path, V1JSONSchemaProps Schema)>();
        foreach (var (name, property) in schema.Properties)
        {
            var required = schema.Required?.Contains(name) == true ? " **Required.**" : "";
            text.Append(CultureInfo.InvariantCulture, $"| `{name}` | {SchemaText.Type(property)} | {SchemaText.Default(property)} | {SchemaText.Description(property)}{required} |\n");
            if (SchemaText.Fields(property) is { } fields)
            {
                nested.Add((path + "." + name + (property.Type == "array" ? "[]" : ""), fields));
            }
        }

        text.Append('\n');
        Rules(text, "Rules", schema);
        foreach (var (child, fields) in nested)
        {
            text.Append(CultureInfo.InvariantCulture, $"### {child}\n");
            Section(text, child, fields);
        }
    }

    private static void Rules(StringBuilder text, string title, V1JSONSchemaProps schema)
    {
        if (schema.XKubernetesValidations is not { Count: > 0 } rules)
        {
            return;
        }

        text.Append(CultureInfo.InvariantCulture, $"{title}:\n");
        foreach (var rule in rules)
        {
            text.Append(CultureInfo.InvariantCulture, $"- {rule.Message}\n");
        }

        text.Append('\n');
    }

    private static void Columns(StringBuilder text, V1CustomResourceDefinitionVersion version)
    {
        text.Append("## Columns of kubectl get\n| column | shows | with |\n| --- | --- | --- |\n");
        foreach (var column in version.AdditionalPrinterColumns)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {column.Name} | {column.Description} | {(column.Priority is > 0 ? "`-o wide`" : "")} |\n");
        }
    }
}
