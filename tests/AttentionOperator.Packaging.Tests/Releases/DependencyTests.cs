using System.Text.Json.Nodes;
using AttentionOperator.Packaging.Dependencies;

namespace AttentionOperator.Packaging.Tests.Releases;

public sealed class DependencyTests
{
    private static readonly ProjectAssets Operator = AssetsReader.Read(new DirectoryInfo(Repository.PathOf("src", "AttentionOperator")));

    [Fact]
    public void Every_package_of_the_operator_is_listed_with_its_licence()
    {
        Assert.Contains(Operator.Packages, package => package.Id == "KubernetesClient");
        var listed = Repository.Read("docs", "third-party.md");
        Assert.All(Operator.Packages, package =>
        {
            Assert.NotNull(package.Licence);
            Assert.Contains($"| {package.Id} | {package.Version} |", listed, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_bill_of_materials_has_each_package_with_digest_and_licence_and_is_the_same_each_time()
    {
        var text = SbomWriter.Write(Operator, "1.2.3");
        Assert.Equal(text, SbomWriter.Write(Operator, "1.2.3"));
        Assert.NotEqual(text, SbomWriter.Write(Operator, "1.2.4"));
        var bill = JsonNode.Parse(text)!;
        Assert.Equal("CycloneDX", (string?)bill["bomFormat"]);
        var components = bill["components"]!.AsArray();
        Assert.Equal(Operator.Packages.Count, components.Count);
        Assert.All(components, component =>
        {
            Assert.Matches("^pkg:nuget/.+@.+$", (string)component!["purl"]!);
            Assert.Matches("^[0-9a-f]{128}$", (string)component["hashes"]![0]!["content"]!);
            Assert.NotEmpty(component["licenses"]!.AsArray());
        });
        Assert.Equal(components.Select(component => (string)component!["bom-ref"]!), bill["dependencies"]![0]!["dependsOn"]!.AsArray().Select(reference => (string)reference!));
    }
}
