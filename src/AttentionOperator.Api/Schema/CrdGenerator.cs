using System.Reflection;
using System.Text.RegularExpressions;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using k8s;
using k8s.Models;

namespace AttentionOperator.Api.Schema;

/// <summary>Generates the CustomResourceDefinition of the AttentionModel from its types and their documentation.</summary>
public static partial class CrdGenerator
{
    private const string Header = "# Generated from the types in src/AttentionOperator.Api by `make generate`; do not edit.\n";

    public static V1CustomResourceDefinition Generate(XmlDocumentation documentation)
    {
        ArgumentNullException.ThrowIfNull(documentation);
        return new V1CustomResourceDefinition
        {
            ApiVersion = "apiextensions.k8s.io/v1",
            Kind = "CustomResourceDefinition",
            Metadata = new V1ObjectMeta
            {
                Name = ApiNames.CrdName,
                Labels = new Dictionary<string, string> { [LabelNames.AppPartOf] = LabelNames.Product },
            },
            Spec = new V1CustomResourceDefinitionSpec
            {
                Group = ApiNames.Group,
                Scope = "Namespaced",
                Names = new V1CustomResourceDefinitionNames
                {
                    Kind = ApiNames.Kind,
                    ListKind = ApiNames.Kind + "List",
                    Plural = ApiNames.Plural,
                    Singular = ApiNames.Singular,
                    ShortNames = [ApiNames.ShortName],
                    Categories = ["all", "attention"],
                },
                Versions = [Version(documentation)],
            },
        };
    }

    /// <summary>The manifest, as it lies under <c>crds/</c>.</summary>
    public static string GenerateYaml(XmlDocumentation documentation) =>
        Header + WholeBound().Replace(KubernetesYaml.Serialize(Generate(documentation)).TrimEnd(), "$1") + "\n";

    // Bounds are doubles in the model of the schema; all of ours are whole numbers.
    [GeneratedRegex(@"((?:minimum|maximum): -?\d+)\.0$", RegexOptions.Multiline)]
    private static partial Regex WholeBound();

    private static V1CustomResourceDefinitionVersion Version(XmlDocumentation documentation) => new()
    {
        Name = ApiNames.Version,
        Served = true,
        Storage = true,
        Schema = new V1CustomResourceValidation { OpenAPIV3Schema = Root(documentation) },
        Subresources = new V1CustomResourceSubresources
        {
            Status = new object(),
            Scale = new V1CustomResourceSubresourceScale
            {
                SpecReplicasPath = ".spec.replicas",
                StatusReplicasPath = ".status.replicas",
                LabelSelectorPath = ".status.selector",
            },
        },
        AdditionalPrinterColumns =
        [
            .. typeof(AttentionModel).GetCustomAttributes<PrinterColumnAttribute>().Select(column => new V1CustomResourceColumnDefinition
            {
                Name = column.Name,
                Type = column.Type,
                JsonPath = column.JsonPath,
                Description = column.Description,
                Priority = column.Priority == 0 ? null : column.Priority,
            }),
        ],
    };

    private static V1JSONSchemaProps Root(XmlDocumentation documentation)
    {
        var builder = new SchemaBuilder(documentation);
        return new V1JSONSchemaProps
        {
            Type = "object",
            Description = documentation.Of(typeof(AttentionModel)),
            Properties = new Dictionary<string, V1JSONSchemaProps>
            {
                // The API server owns the schemas of these three.
                ["apiVersion"] = new() { Type = "string", Description = "Version of the API." },
                ["kind"] = new() { Type = "string", Description = "Kind of the object." },
                ["metadata"] = new() { Type = "object" },
                ["spec"] = builder.OfProperty(typeof(AttentionModel).GetProperty(nameof(AttentionModel.Spec))!),
                ["status"] = builder.OfProperty(typeof(AttentionModel).GetProperty(nameof(AttentionModel.Status))!),
            },
            Required = ["spec"],
            XKubernetesValidations = SchemaBuilder.Rules(typeof(AttentionModel)),
        };
    }
}
