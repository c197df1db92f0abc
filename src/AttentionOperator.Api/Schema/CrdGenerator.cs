using System.Reflection;
using System.Text.RegularExpressions;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using k8s;
using k8s.Models;

namespace AttentionOperator.Api.Schema;

/// <summary>Generates the CustomResourceDefinitions from the types and their documentation.</summary>
public static partial class CrdGenerator
{
    private const string Header = "# Generated from the types in src/AttentionOperator.Api by `make generate`; do not edit.\n";

    /// <summary>The types that have a definition, the main one first.</summary>
    public static IReadOnlyList<Type> Kinds { get; } = [typeof(AttentionModel), typeof(AttentionPolicy), typeof(ClusterAttentionPolicy)];

    /// <summary>The definition of the AttentionModel.</summary>
    public static V1CustomResourceDefinition Generate(XmlDocumentation documentation) => Generate(documentation, typeof(AttentionModel));

    /// <param name="documentation">Summaries of the types.</param>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    public static V1CustomResourceDefinition Generate(XmlDocumentation documentation, Type kind)
    {
        ArgumentNullException.ThrowIfNull(documentation);
        ArgumentNullException.ThrowIfNull(kind);
        var entity = kind.GetCustomAttribute<KubernetesEntityAttribute>() ?? throw new ArgumentException($"{kind} is no kind of the API", nameof(kind));
        return new V1CustomResourceDefinition
        {
            ApiVersion = "apiextensions.k8s.io/v1",
            Kind = "CustomResourceDefinition",
            Metadata = new V1ObjectMeta
            {
                Name = $"{entity.PluralName}.{ApiNames.Group}",
                Labels = new Dictionary<string, string> { [LabelNames.AppPartOf] = LabelNames.Product },
            },
            Spec = new V1CustomResourceDefinitionSpec
            {
                Group = ApiNames.Group,
                Scope = kind == typeof(ClusterAttentionPolicy) ? "Cluster" : "Namespaced",
                Names = new V1CustomResourceDefinitionNames
                {
                    Kind = entity.Kind,
                    ListKind = entity.Kind + "List",
                    Plural = entity.PluralName,
                    Singular = entity.Kind.ToLowerInvariant(),
                    ShortNames = [ShortName(kind)],
                    Categories = kind == typeof(AttentionModel) ? ["all", "attention"] : ["attention"],
                },
                Versions = [Version(documentation, kind)],
            },
        };
    }

    /// <summary>The manifest of the AttentionModel's definition.</summary>
    public static string GenerateYaml(XmlDocumentation documentation) => GenerateYaml(documentation, typeof(AttentionModel));

    /// <summary>The manifest, as it lies under <c>crds/</c> with <see cref="FileName"/>.</summary>
    public static string GenerateYaml(XmlDocumentation documentation, Type kind) =>
        Header + WholeBound().Replace(KubernetesYaml.Serialize(Generate(documentation, kind)).TrimEnd(), "$1") + "\n";

    public static string FileName(Type kind)
    {
        ArgumentNullException.ThrowIfNull(kind);
        return $"{kind.GetCustomAttribute<KubernetesEntityAttribute>()!.PluralName}.{ApiNames.Group}.yaml";
    }

    // Bounds are doubles in the model of the schema; all of ours are whole numbers.
    [GeneratedRegex(@"((?:minimum|maximum): -?\d+)\.0$", RegexOptions.Multiline)]
    private static partial Regex WholeBound();

    private static string ShortName(Type kind) =>
        kind == typeof(AttentionModel) ? ApiNames.ShortName : kind == typeof(AttentionPolicy) ? PolicyNames.ShortName : PolicyNames.ClusterShortName;

    private static V1CustomResourceDefinitionVersion Version(XmlDocumentation documentation, Type kind) => new()
    {
        Name = ApiNames.Version,
        Served = true,
        Storage = true,
        Schema = new V1CustomResourceValidation { OpenAPIV3Schema = Root(documentation, kind) },
        Subresources = new V1CustomResourceSubresources
        {
            Status = new object(),
            Scale = kind != typeof(AttentionModel) ? null : new V1CustomResourceSubresourceScale
            {
                SpecReplicasPath = ".spec.replicas",
                StatusReplicasPath = ".status.replicas",
                LabelSelectorPath = ".status.selector",
            },
        },
        AdditionalPrinterColumns =
        [
            .. kind.GetCustomAttributes<PrinterColumnAttribute>().Select(column => new V1CustomResourceColumnDefinition
            {
                Name = column.Name,
                Type = column.Type,
                JsonPath = column.JsonPath,
                Description = column.Description,
                Priority = column.Priority == 0 ? null : column.Priority,
            }),
        ],
    };

    private static V1JSONSchemaProps Root(XmlDocumentation documentation, Type kind)
    {
        var builder = new SchemaBuilder(documentation);
        return new V1JSONSchemaProps
        {
            Type = "object",
            Description = documentation.Of(kind),
            Properties = new Dictionary<string, V1JSONSchemaProps>
            {
                // The API server owns the schemas of these three.
                ["apiVersion"] = new() { Type = "string", Description = "Version of the API." },
                ["kind"] = new() { Type = "string", Description = "Kind of the object." },
                ["metadata"] = new() { Type = "object" },
                ["spec"] = builder.OfProperty(kind.GetProperty("Spec")!),
                ["status"] = builder.OfProperty(kind.GetProperty("Status")!),
            },
            Required = ["spec"],
            XKubernetesValidations = SchemaBuilder.Rules(kind),
        };
    }
}
