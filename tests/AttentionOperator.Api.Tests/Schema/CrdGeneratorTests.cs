using AttentionOperator.Api.Schema;
using AttentionOperator.Api.V1Alpha1;
using k8s.Models;

namespace AttentionOperator.Api.Tests.Schema;

public sealed class CrdGeneratorTests
{
    private static readonly XmlDocumentation Documentation = XmlDocumentation.Beside(typeof(AttentionModel).Assembly);
    private static readonly V1CustomResourceDefinition Crd = CrdGenerator.Generate(Documentation);

    private static V1JSONSchemaProps Root => Crd.Spec.Versions[0].Schema.OpenAPIV3Schema;

    private static V1JSONSchemaProps At(string path) =>
        path.Split('.').Aggregate(Root, (schema, name) => name == "[]" ? (V1JSONSchemaProps)schema.Items : schema.Properties[name]);

    // Kustomize reads nothing outside of its folder, so it has a copy.
    [Theory]
    [InlineData("crds")]
    [InlineData("config/crd")]
    public void Manifest_is_what_the_types_say(string directory)
    {
        foreach (var kind in CrdGenerator.Kinds)
        {
            var path = Path.Combine(RepositoryRoot.Path, directory, CrdGenerator.FileName(kind));
            var expected = CrdGenerator.GenerateYaml(Documentation, kind);
            Assert.True(File.Exists(path), $"{path} does not exist; run `make generate`");
            Assert.True(expected == File.ReadAllText(path), $"{path} is stale; run `make generate`");
        }
    }

    [Fact]
    public void Policies_are_of_a_namespace_and_of_the_cluster()
    {
        var own = CrdGenerator.Generate(Documentation, typeof(AttentionPolicy));
        var cluster = CrdGenerator.Generate(Documentation, typeof(ClusterAttentionPolicy));
        Assert.Equal(("Namespaced", "Cluster"), (own.Spec.Scope, cluster.Spec.Scope));
        V1JSONSchemaProps Spec(V1CustomResourceDefinition crd) => crd.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"];
        Assert.Equal(["namespaceSelector"], Spec(cluster).Properties.Keys.Except(Spec(own).Properties.Keys));
        Assert.Null(cluster.Spec.Versions[0].Subresources.Scale);
        foreach (var (path, schema) in Fields(Spec(cluster), "spec"))
        {
            Assert.False(string.IsNullOrWhiteSpace(schema.Description) && !path.Contains("namespaceSelector", StringComparison.Ordinal), path);
            Assert.True(schema.Type != "array" || schema.MaxItems is not null, $"{path} has no maximum");
        }
    }

    [Fact]
    public void Every_field_has_a_description()
    {
        foreach (var (path, schema) in Fields(Root, ""))
        {
            Assert.False(string.IsNullOrWhiteSpace(schema.Description), path);
        }
    }

    [Fact]
    public void Planned_fields_are_left_out()
    {
        Assert.DoesNotContain("owner", At("spec").Properties.Keys);
        Assert.DoesNotContain("otlpEndpoint", At("spec.observability").Properties.Keys);
    }

    [Fact]
    public void Defaults_are_those_of_the_types()
    {
        Assert.Equal("Generate", At("spec.task").DefaultProperty);
        Assert.Equal(2048, At("spec.limits.maxBatchTokens").DefaultProperty);
        Assert.Equal("nvidia.com/gpu", At("spec.resources.accelerator.resourceName").DefaultProperty);
        Assert.Empty((Dictionary<string, object>)At("spec.limits").DefaultProperty);
        Assert.Null(At("spec.limits.maxInputTokens").DefaultProperty);
        Assert.Null(At("spec.tokenizer").DefaultProperty);
        Assert.Null(At("status.traffic.[].weight").DefaultProperty);
    }

    [Fact]
    public void Required_fields_are_named()
    {
        Assert.Equal(["spec"], Root.Required);
        Assert.Equal(["model"], At("spec").Required);
        Assert.Equal(["uri"], At("spec.model").Required);
    }

    [Theory]
    [InlineData("spec.resources.cpu")]
    [InlineData("spec.batching.cacheMemory")]
    public void Quantities_may_be_written_as_numbers(string path)
    {
        Assert.True(At(path).XKubernetesIntOrString);
        Assert.Equal(QuantityAttribute.Pattern, At(path).Pattern);
        Assert.Null(At(path).Type);
    }

    [Fact]
    public void Lists_say_how_they_merge()
    {
        foreach (var (path, schema) in Fields(Root, "").Where(field => field.Schema.Type == "array"))
        {
            Assert.Contains(schema.XKubernetesListType, (string[])["map", "set", "atomic"]);
            if (schema.XKubernetesListType == "map")
            {
                Assert.Contains(schema.XKubernetesListMapKeys[0], ((V1JSONSchemaProps)schema.Items).Required);
            }

            Assert.True(path.StartsWith("status", StringComparison.Ordinal) || schema.MaxItems is not null, $"{path} has no maximum");
        }
    }

    [Fact]
    public void Scale_and_status_are_subresources()
    {
        var subresources = Crd.Spec.Versions[0].Subresources;
        Assert.NotNull(subresources.Status);
        Assert.Equal(".status.selector", subresources.Scale.LabelSelectorPath);
        Assert.Equal("string", At("status.selector").Type);
    }

    [Fact]
    public void Rules_name_their_field()
    {
        var messages = Fields(Root, "").SelectMany(field => field.Schema.XKubernetesValidations ?? [], (field, rule) => (field.Path, rule)).ToList();
        Assert.NotEmpty(messages);
        foreach (var (path, rule) in messages)
        {
            Assert.Matches(@"^[a-z][A-Za-z.\[\]]+ (must|needs|has) ", rule.Message);
            Assert.Contains(path.Split('.')[^1].Replace("[]", "", StringComparison.Ordinal), rule.Message + path, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<(string Path, V1JSONSchemaProps Schema)> Fields(V1JSONSchemaProps schema, string path)
    {
        foreach (var (name, property) in schema.Properties ?? new Dictionary<string, V1JSONSchemaProps>())
        {
            var at = path.Length == 0 ? name : $"{path}.{name}";
            if (at is "metadata")
            {
                continue;
            }

            yield return (at, property);
            foreach (var nested in Fields(property, at))
            {
                yield return nested;
            }

            if (property.Items is V1JSONSchemaProps items)
            {
                foreach (var nested in Fields(items, at + "[]"))
                {
                    yield return nested;
                }
            }
        }
    }
}
