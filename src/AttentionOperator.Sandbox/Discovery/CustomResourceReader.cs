using System.Globalization;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Schema;

namespace AttentionOperator.Sandbox.Discovery;

/// <summary>One version of a CustomResourceDefinition as a served resource.</summary>
internal static class CustomResourceReader
{
    public static ResourceDefinition Read(JsonObject definition, JsonObject version)
    {
        var spec = definition.Object("spec")!;
        var names = spec.Object("names")!;
        var kind = names.Text("kind")!;
        var schema = CrdSchemaReader.ReadRoot(version.Object("schema").Object("openAPIV3Schema"));
        if (spec.Flag("preserveUnknownFields") == true) schema.PreserveUnknownFields = true;
        var scale = version.Object("subresources").Object("scale");
        return new ResourceDefinition
        {
            Group = spec.Text("group")!,
            Version = version.Text("name")!,
            Plural = names.Text("plural")!,
            Singular = names.Text("singular") ?? kind.ToLowerInvariant(),
            Kind = kind,
            ListKind = names.Text("listKind") ?? kind + "List",
            Namespaced = spec.Text("scope") == "Namespaced",
            ShortNames = Texts(names.Array("shortNames")),
            Categories = Texts(names.Array("categories")),
            Schema = schema,
            HasStatus = version.Object("subresources")?["status"] is not null,
            HasGeneration = true,
            Scale = scale is null ? null : new ScaleDefinition(scale.Text("specReplicasPath") ?? ".spec.replicas", scale.Text("statusReplicasPath") ?? ".status.replicas", scale.Text("labelSelectorPath")),
            StorageGroup = spec.Text("group")!,
            IsCustom = true,
            Columns = [.. version.Array("additionalPrinterColumns").Objects().Select(Column)],
            SelectableFields = ["metadata.name", "metadata.namespace", .. version.Array("selectableFields").Objects().Select(f => f.Text("jsonPath")!.TrimStart('.'))],
        };
    }

    public static IEnumerable<JsonObject> Versions(this JsonNode? versions) => (versions as JsonArray).Objects();

    private static PrinterColumn Column(JsonObject column) => new(
        column.Text("name") ?? "",
        column.Text("type") ?? "string",
        column.Text("format") ?? "",
        column.Text("description") ?? "",
        int.Parse((column.Integer("priority") ?? 0).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
        column.Text("jsonPath") ?? "");

    private static string[] Texts(JsonArray? array) => [.. array?.Select(v => v.AsText()).OfType<string>() ?? []];
}
