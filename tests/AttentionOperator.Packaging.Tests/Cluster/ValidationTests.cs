using AttentionOperator.Api.Serialization;
using AttentionOperator.Packaging.Tests.Rendering;

namespace AttentionOperator.Packaging.Tests.Cluster;

/// <summary>An API server with strict field validation takes every object as it is written.</summary>
[Collection(SandboxCollection.Name)]
public sealed class ValidationTests(SandboxCluster cluster)
{
    // Kinds of other products, whose definitions the cluster does not have.
    private static readonly string[] Foreign = ["monitoring.coreos.com/v1", "gateway.networking.k8s.io/v1", "cert-manager.io/v1"];

    [Theory]
    [InlineData("minimal")]
    [InlineData("everything")]
    public async Task Every_object_of_the_chart_is_accepted(string values)
    {
        foreach (var name in (string[])["models", "research", Chart.Namespace])
        {
            await NamespaceAsync(name);
        }

        var objects = (await Chart.ObjectsAsync("--values", Chart.Values(values))).Where(item => !Foreign.Contains((string)item["apiVersion"]!)).ToList();
        var result = await ApplyAsync(string.Join("\n---\n", objects.Select(item => item.ToJsonString())));
        var accepted = result.RequireSuccess().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(objects.Count, accepted.Length);
        Assert.All(accepted, line => Assert.EndsWith("(server dry run)", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("production")]
    [InlineData("model-namespace")]
    public async Task Every_object_of_config_is_accepted(string overlay)
    {
        await NamespaceAsync(Chart.Namespace);
        var manifests = string.Join("\n---\n", (await Chart.KustomizeAsync(overlay)).Select(item => item.ToJsonString()));
        (await ApplyAsync(manifests)).RequireSuccess();
    }

    [Fact]
    public async Task A_misspelt_field_would_be_refused()
    {
        await NamespaceAsync(Chart.Namespace);
        var deployment = YamlDocuments.Parse(await Chart.RenderAsync("--show-only", "templates/gateway/deployment.yaml"))[0];
        deployment["spec"]!["template"]!["spec"]!["terminationGraceSeconds"] = 3;
        var result = await ApplyAsync(deployment.ToJsonString());
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("terminationGraceSeconds", result.Errors, StringComparison.Ordinal);
    }

    private async Task<CommandResult> ApplyAsync(string manifests) =>
        await cluster.Kubectl.RunAsync("apply", "--server-side", "--validate=strict", "--dry-run=server", "-f", await cluster.FileAsync("objects.yaml", manifests));

    private async Task NamespaceAsync(string name) =>
        (await cluster.Kubectl.RunAsync("apply", "-f", await cluster.FileAsync("namespace.yaml", $"{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}}}}}"))).RequireSuccess();
}
