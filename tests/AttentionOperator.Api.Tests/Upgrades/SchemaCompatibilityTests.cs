using System.Text.Json.Nodes;
using AttentionOperator.Api.Serialization;

namespace AttentionOperator.Api.Tests.Upgrades;

public sealed class SchemaCompatibilityTests
{
    private const string Name = "attentionmodels.attentionoperator.io.yaml";

    /// <summary>New rules that no model stored before can break, because they speak of fields that are new since.</summary>
    private static readonly string[] AboutNewFields = ["claim", "mig", "sharing", "spot", "onDemand", "spread", "scaling", "memory", "evaluation", "cost", "fetch", "s3", "hf"];

    public static TheoryData<string> All => Releases.All();

    [Theory]
    [MemberData(nameof(All))]
    public void Models_that_a_former_release_stored_stay_valid_and_whole(string release)
    {
        var breaks = SchemaCompatibility.Breaks(Schema(Releases.Read(release, Name)), Schema(File.ReadAllText(Path.Combine(RepositoryRoot.Path, "crds", Name))));
        Assert.DoesNotContain(breaks, found => !(found.EndsWith("is new", StringComparison.Ordinal) && AboutNewFields.Any(field => found.Contains(field, StringComparison.OrdinalIgnoreCase))));
    }

    /// <summary>Ready for a second version: every version is named, one is stored, and stored objects of any served version can be read as any other.</summary>
    [Theory]
    [InlineData("attentionmodels.attentionoperator.io.yaml")]
    [InlineData("attentionpolicies.attentionoperator.io.yaml")]
    [InlineData("clusterattentionpolicies.attentionoperator.io.yaml")]
    public void One_version_is_stored_and_several_would_need_a_conversion(string file)
    {
        var spec = YamlDocuments.Parse(File.ReadAllText(Path.Combine(RepositoryRoot.Path, "crds", file)))[0]["spec"]!;
        var versions = spec["versions"]!.AsArray();
        Assert.Single(versions, version => (bool)version!["storage"]!);
        Assert.All(versions, version => Assert.Matches("^v[0-9]+((alpha|beta)[0-9]+)?$", (string)version!["name"]!));
        Assert.True(versions.Count == 1 || (string?)spec["conversion"]?["strategy"] == "Webhook", "a second version needs conversion by webhook, or schemas that are the same");
    }

    [Theory]
    [InlineData("""{"properties": {"a": {"type": "string"}}}""", """{"properties": {}}""", "a is gone")]
    [InlineData("""{"type": "string"}""", """{"type": "integer"}""", "type was")]
    [InlineData("""{"maximum": 5}""", """{"maximum": 4}""", "maximum was 5")]
    [InlineData("""{}""", """{"minLength": 1}""", "minLength was none")]
    [InlineData("""{"enum": ["A", "B"]}""", """{"enum": ["A"]}""", "the value B is gone")]
    [InlineData("""{}""", """{"required": ["a"], "properties": {"a": {}}}""", "a is required now")]
    [InlineData("""{"default": 1}""", """{"default": 2}""", "default was 1")]
    [InlineData("""{}""", """{"x-kubernetes-validations": [{"rule": "false"}]}""", "rule 'false' is new")]
    [InlineData("""{"items": {"maxLength": 3}}""", """{"items": {"maxLength": 2}}""", "maxLength was 3")]
    public void The_comparison_sees_each_break(string before, string after, string expected) =>
        Assert.Contains(expected, Assert.Single(SchemaCompatibility.Breaks(JsonNode.Parse(before)!, JsonNode.Parse(after)!)), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"maximum": 5, "enum": ["A"], "properties": {"a": {}}}""", """{"maximum": 9, "enum": ["A", "B"], "properties": {"a": {}, "b": {"default": 1}}, "required": ["b"]}""")]
    [InlineData("""{"default": {}}""", """{"default": {"a": 1}}""")]
    public void Additions_break_nothing(string before, string after) => Assert.Empty(SchemaCompatibility.Breaks(JsonNode.Parse(before)!, JsonNode.Parse(after)!));

    private static JsonNode Schema(string definition) => YamlDocuments.Parse(definition)[0]["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!;
}
