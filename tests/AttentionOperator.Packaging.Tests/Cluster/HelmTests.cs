using AttentionOperator.Packaging.Tests.Rendering;
using k8s;

namespace AttentionOperator.Packaging.Tests.Cluster;

[Collection(SandboxCollection.Name)]
public sealed class HelmTests(SandboxCluster cluster)
{
    private const string Definition = "attentionmodels.attentionoperator.io";

    [Fact]
    public async Task A_release_is_installed_upgraded_rolled_back_and_uninstalled_without_losing_a_model()
    {
        var previous = PreviousChart();
        (await cluster.Helm.RunAsync("install", Chart.Release, previous, "--namespace", Chart.Namespace, "--create-namespace", "--wait", "--timeout", "3m")).RequireSuccess();
        Assert.False(await DefinesAsync("observability"));
        (await cluster.Kubectl.RunAsync("apply", "-f", Repository.PathOf("config", "samples", "chat.yaml"))).RequireSuccess();

        (await cluster.Helm.RunAsync("upgrade", Chart.Release, Repository.Chart, "--namespace", Chart.Namespace, "--set", "gateway.replicas=3", "--wait", "--timeout", "3m")).RequireSuccess();
        Assert.True(await DefinesAsync("observability"), "the upgrade must bring the new definition");
        Assert.Equal(3, (await cluster.Client.AppsV1.ReadNamespacedDeploymentAsync("attention-gateway", Chart.Namespace)).Status.AvailableReplicas);
        await AssertModelAsync();

        (await cluster.Helm.RunAsync("rollback", Chart.Release, "1", "--namespace", Chart.Namespace, "--wait", "--timeout", "3m")).RequireSuccess();
        Assert.False(await DefinesAsync("observability"));
        Assert.Equal(2, (await cluster.Client.AppsV1.ReadNamespacedDeploymentAsync("attention-gateway", Chart.Namespace)).Spec.Replicas);
        await AssertModelAsync();

        (await cluster.Helm.RunAsync("uninstall", Chart.Release, "--namespace", Chart.Namespace, "--wait", "--timeout", "3m")).RequireSuccess();
        Assert.Empty((await cluster.Client.AppsV1.ListNamespacedDeploymentAsync(Chart.Namespace)).Items);
        await AssertModelAsync();

        (await cluster.Helm.RunAsync("install", Chart.Release, Repository.Chart, "--namespace", Chart.Namespace, "--wait", "--timeout", "3m")).RequireSuccess();
        await AssertModelAsync();
        (await cluster.Helm.RunAsync("uninstall", Chart.Release, "--namespace", Chart.Namespace, "--wait", "--timeout", "3m")).RequireSuccess();
        (await cluster.Kubectl.RunAsync("delete", "crd", Definition, "--timeout=60s")).RequireSuccess();
    }

    [Fact]
    public async Task Two_releases_serve_a_namespace_each()
    {
        foreach (var team in (string[])["team-a", "team-b"])
        {
            (await cluster.Helm.RunAsync("install", team, Repository.Chart, "--namespace", team, "--create-namespace", "--set", $"watchNamespace={team},crds.enabled=false,rbac.aggregateToDefaultRoles=false", "--wait", "--timeout", "3m")).RequireSuccess();
        }

        foreach (var team in (string[])["team-a", "team-b"])
        {
            Assert.Equal(2, (await cluster.Client.AppsV1.ReadNamespacedDeploymentAsync(team + "-operator", team)).Status.AvailableReplicas);
            (await cluster.Helm.RunAsync("uninstall", team, "--namespace", team, "--wait", "--timeout", "3m")).RequireSuccess();
        }
    }

    /// <summary>This chart as if its definition did not have one of the fields yet.</summary>
    private string PreviousChart()
    {
        var copy = Path.Combine(cluster.NewDirectory(), "attention-operator");
        Copy(Repository.Chart, copy);
        var path = Path.Combine(copy, "files", "crds", Definition + ".yaml");
        var text = File.ReadAllText(path);
        var start = text.IndexOf("\n              observability:\n", StringComparison.Ordinal);
        var end = text.IndexOf("\n            required:\n", start, StringComparison.Ordinal);
        Assert.True(start > 0 && end > start);
        File.WriteAllText(path, text[..start] + text[end..]);
        return copy;
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
        {
            File.WriteAllBytes(Path.Combine(to, Path.GetFileName(file)), File.ReadAllBytes(file));
        }

        foreach (var directory in Directory.GetDirectories(from))
        {
            Copy(directory, Path.Combine(to, Path.GetFileName(directory)));
        }
    }

    private async Task<bool> DefinesAsync(string field)
    {
        var definition = await cluster.Client.ApiextensionsV1.ReadCustomResourceDefinitionAsync(Definition);
        return definition.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"].Properties.ContainsKey(field);
    }

    private async Task AssertModelAsync() =>
        Assert.Equal("chat", (await cluster.Kubectl.RunAsync("get", "am", "chat", "-n", "default", "-o", "jsonpath={.metadata.name}")).RequireSuccess());
}
