using AttentionOperator.Api.Schema;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Packaging.ApiReference;

namespace AttentionOperator.Packaging.Tests.Documents;

public sealed class GeneratedDocumentTests
{
    [Theory]
    [InlineData(typeof(AttentionModel), "api.md")]
    [InlineData(typeof(ClusterAttentionPolicy), "api-policies.md")]
    public void The_api_reference_is_that_of_the_types(Type kind, string file) => Assert.True(
        ApiReferenceWriter.Write(CrdGenerator.Generate(XmlDocumentation.Beside(kind.Assembly), kind)) == Repository.Read("docs", file),
        $"docs/{file} is stale: run make generate");

    [Fact]
    public void The_api_reference_names_every_field_and_rule()
    {
        var definition = CrdGenerator.Generate(XmlDocumentation.Beside(typeof(AttentionModel).Assembly));
        var text = ApiReferenceWriter.Write(definition);
        var spec = definition.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"];
        Assert.All(spec.Properties.Keys, field => Assert.Contains($"| `{field}` |", text, StringComparison.Ordinal));
        Assert.All(spec.XKubernetesValidations, rule => Assert.Contains(rule.Message, text, StringComparison.Ordinal));
    }
}
