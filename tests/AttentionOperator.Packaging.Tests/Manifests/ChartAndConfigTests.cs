using System.Text.Json.Nodes;
using AttentionOperator.Api.Serialization;
using AttentionOperator.Packaging.Tests.Rendering;

namespace AttentionOperator.Packaging.Tests.Manifests;

/// <summary>Two ways to install, one product: what differs is in <see cref="CanonicalObject"/>, and the Namespace, which Helm leaves to its caller.</summary>
public sealed class ChartAndConfigTests
{
    [Theory]
    [InlineData("minimal", "default")]
    [InlineData(null, "production")]
    public async Task Both_make_the_same_objects(string? values, string overlay)
    {
        var chart = (await Chart.ObjectsAsync(values is null ? [] : ["--values", Chart.Values(values)])).ToDictionary(CanonicalObject.Key, CanonicalObject.Text);
        var config = (await Chart.KustomizeAsync(overlay)).Where(item => (string)item["kind"]! != "Namespace").ToDictionary(CanonicalObject.Key, CanonicalObject.Text);
        Assert.Equal(config.Keys.Order(StringComparer.Ordinal), chart.Keys.Order(StringComparer.Ordinal));
        Assert.All(config, item => Assert.Equal(item.Value, chart[item.Key]));
    }

    [Fact]
    public async Task The_rules_of_every_role_are_those_of_config()
    {
        var config = Rules(await Chart.KustomizeAsync("rbac"));
        Assert.Equal(5, config.Count);
        Assert.Equal(config, Rules(await Chart.ObjectsAsync()));
    }

    [Fact]
    public async Task In_one_namespace_the_same_rules_are_granted_there_alone()
    {
        var objects = await Chart.ObjectsAsync("--set", "watchNamespace=models,rbac.aggregateToDefaultRoles=false");
        Assert.DoesNotContain(objects, item => ((string)item["kind"]!).StartsWith("ClusterRole", StringComparison.Ordinal));
        var config = Rules(await Chart.KustomizeAsync("rbac"));
        var roles = objects.Where(item => (string)item["kind"]! == "Role" && (string?)item["metadata"]!["namespace"] == "models").ToList();
        Assert.Equal(["attention-gateway", "attention-operator"], roles.Select(role => (string)role["metadata"]!["name"]!).Order(StringComparer.Ordinal));
        Assert.All(roles, role => Assert.Equal(config[(string)role["metadata"]!["name"]!], role["rules"]!.ToJsonString()));
        Assert.All(Pods.In(objects), pod => Assert.Contains(pod.Spec["containers"]![0]!["env"]!.AsArray(), variable => (string)variable!["name"]! == "WATCH_NAMESPACE" && (string?)variable["value"] == "models"));

        // The gateways, whose counters the operator reads, stay in the release's namespace.
        Assert.Contains("GATEWAY_NAMESPACE", Pods.In(objects).Single(pod => pod.Owner.EndsWith("-operator", StringComparison.Ordinal)).Spec.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("endpointslices", objects.Single(item => (string)item["kind"]! == "Role" && (string)item["metadata"]!["name"]! == "attention-operator-gateways")["rules"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_are_read_only_where_the_values_say_so()
    {
        var config = Rules(await Chart.KustomizeAsync("api-keys"));
        Assert.Equal(["attention-gateway-api-keys"], config.Keys);
        Assert.DoesNotContain(Rules(await Chart.ObjectsAsync()).Values, rules => rules.Contains("secrets", StringComparison.Ordinal));
        Assert.Equal(config["attention-gateway-api-keys"], Rules(await Chart.ObjectsAsync("--set", "gateway.apiKeys.enabled=true"))["attention-gateway-api-keys"]);
    }

    [Fact]
    public async Task The_definition_is_the_generated_one()
    {
        var definitions = (await Chart.ObjectsAsync()).Where(item => (string)item["kind"]! == "CustomResourceDefinition").ToList();
        Assert.Equal(3, definitions.Count);
        foreach (var definition in definitions)
        {
            var file = $"{(string)definition["metadata"]!["name"]!}.yaml";
            var generated = YamlDocuments.Parse(Repository.Read("crds", file))[0];
            Assert.Equal("keep", (string?)definition["metadata"]!["annotations"]!["helm.sh/resource-policy"]);
            definition["metadata"]!.AsObject().Remove("annotations");
            Assert.Equal(generated.ToJsonString(), definition.ToJsonString());
            Assert.Equal(generated.ToJsonString(), YamlDocuments.Parse(Repository.Read("config", "crd", file))[0].ToJsonString());
        }
    }

    [Fact]
    public async Task The_definition_can_be_left_out() =>
        Assert.DoesNotContain(await Chart.ObjectsAsync("--set", "crds.enabled=false"), item => (string)item["kind"]! == "CustomResourceDefinition");

    private static Dictionary<string, string> Rules(IEnumerable<JsonNode> objects) => objects
        .Where(item => (string)item["kind"]! is "Role" or "ClusterRole")
        .OrderBy(item => (string)item["metadata"]!["name"]!, StringComparer.Ordinal)
        .ToDictionary(item => (string)item["metadata"]!["name"]!, item => item["rules"]!.ToJsonString(), StringComparer.Ordinal);
}
