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
        Assert.True(config.Count >= 7);
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
        // By default: those that it makes, by their names.
        var byDefault = (await Chart.ObjectsAsync()).Where(item => (string)item["kind"]! is "Role" or "ClusterRole").SelectMany(role => role["rules"]!.AsArray()).Where(rule => rule!["resources"]?.ToJsonString().Contains("secrets", StringComparison.Ordinal) == true);
        Assert.All(byDefault, rule => Assert.True(rule!["resourceNames"] is not null || rule["verbs"]!.ToJsonString() == "[\"create\"]", rule.ToJsonString()));
        Assert.Equal("[{\"apiGroups\":[\"\"],\"resources\":[\"secrets\"],\"verbs\":[\"get\"]}]", Rules(await Chart.ObjectsAsync("--set", "webhooks.checkSecrets=true"))["attention-operator-check-secrets"]);
        Assert.Equal(config["attention-gateway-api-keys"], Rules(await Chart.ObjectsAsync("--set", "gateway.apiKeys.enabled=true"))["attention-gateway-api-keys"]);
    }

    /// <summary>Addresses of webhooks hold tokens: those that are not given in the clear are in no object of the release.</summary>
    [Theory]
    [InlineData("operator.replicas=1", "{\"secretKeyRef\":{\"name\":\"attention-operator-notifications\",\"key\":\"notify-url\",\"optional\":true}}")]
    [InlineData("operator.notifications.notify.secretRef.name=hook", "{\"secretKeyRef\":{\"name\":\"hook\",\"key\":\"notify-url\"}}")]
    [InlineData("operator.notifications.notify.secretRef.name=hook,operator.notifications.notify.secretRef.key=address", "{\"secretKeyRef\":{\"name\":\"hook\",\"key\":\"address\"}}")]
    [InlineData("operator.notifications.notify.url=https://hooks.example.com/a", null)]
    public async Task The_address_of_a_webhook_comes_from_a_secret_or_the_values(string values, string? from)
    {
        var pod = Pods.In(await Chart.ObjectsAsync("--set", values)).Single(pod => pod.Owner.EndsWith("-operator", StringComparison.Ordinal)).Spec;
        var variable = pod["containers"]![0]!["env"]!.AsArray().Single(found => (string)found!["name"]! == "NOTIFY_URL")!;
        Assert.Equal(from, variable["valueFrom"]?.ToJsonString());
        Assert.Equal(from is null ? "https://hooks.example.com/a" : null, (string?)variable["value"]);
    }

    [Fact]
    public async Task The_operators_own_certificate_is_the_only_secret_it_reads()
    {
        var role = (await Chart.KustomizeAsync("rbac")).Single(item => (string)item["metadata"]!["name"]! == "attention-operator-certificates" && (string)item["kind"]! == "Role");
        Assert.Equal("attention-system", (string)role["metadata"]!["namespace"]!);
        foreach (var rule in role["rules"]!.AsArray().Where(rule => rule!["verbs"]!.ToJsonString() != "[\"create\"]"))
        {
            Assert.Equal("[\"attention-operator-certificates\"]", rule!["resourceNames"]!.ToJsonString());
        }
    }

    [Fact]
    public async Task With_cert_manager_the_operator_needs_no_right_to_secrets_or_webhooks()
    {
        var objects = await Chart.ObjectsAsync("--set", "webhooks.certManager.enabled=true");
        Assert.DoesNotContain(Rules(objects).Keys, name => name.EndsWith("-certificates", StringComparison.Ordinal) || name.EndsWith("-webhooks", StringComparison.Ordinal));
        var certificate = objects.Single(item => (string)item["kind"]! == "Certificate");
        Assert.Contains("attention-operator.attention-system.svc", certificate["spec"]!["dnsNames"]!.AsArray().Select(name => (string)name!));
        Assert.All(
            objects.Where(item => ((string)item["kind"]!).EndsWith("WebhookConfiguration", StringComparison.Ordinal)),
            item => Assert.Equal("attention-system/attention-operator-certificates", (string?)item["metadata"]!["annotations"]!["cert-manager.io/inject-ca-from"]));
        var pod = Pods.In(objects).Single(pod => pod.Owner.EndsWith("-operator", StringComparison.Ordinal)).Spec;
        Assert.Contains("--certificate-directory=/certificates", pod["containers"]![0]!["args"]!.AsArray().Select(argument => (string)argument!));
        Assert.Equal((string)certificate["spec"]!["secretName"]!, (string)pod["volumes"]![1]!["secret"]!["secretName"]!);
    }

    [Theory]
    [InlineData("watchNamespace=models", 0)]
    [InlineData("watchNamespace=models,webhooks.enabled=true", 2)]
    [InlineData("webhooks.enabled=false", 0)]
    [InlineData("webhooks.failurePolicy=Fail", 2)]
    public async Task Webhooks_cover_what_is_watched(string values, int configurations)
    {
        var objects = await Chart.ObjectsAsync("--set", values);
        var found = objects.Where(item => ((string)item["kind"]!).EndsWith("WebhookConfiguration", StringComparison.Ordinal)).SelectMany(item => item["webhooks"]!.AsArray()).ToList();
        Assert.Equal(configurations, found.Count);
        Assert.All(found, webhook => Assert.Equal(values.Contains("watchNamespace", StringComparison.Ordinal) ? "models" : null, (string?)webhook!["namespaceSelector"]?["matchLabels"]?["kubernetes.io/metadata.name"]));
        Assert.All(found, webhook => Assert.Equal(values.Contains("Fail", StringComparison.Ordinal) ? "Fail" : "Ignore", (string)webhook!["failurePolicy"]!));
        Assert.Equal(configurations > 0, Pods.In(objects).Any(pod => pod.Spec.ToJsonString().Contains("--webhook-configuration", StringComparison.Ordinal)));
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
