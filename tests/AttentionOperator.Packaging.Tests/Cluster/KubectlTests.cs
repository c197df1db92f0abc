namespace AttentionOperator.Packaging.Tests.Cluster;

[Collection(SandboxCollection.Name)]
public sealed class KubectlTests(SandboxCluster cluster)
{
    [Fact]
    public async Task Config_is_applied_applied_again_and_deleted()
    {
        var overlay = Repository.PathOf("config", "default");
        (await cluster.Kubectl.RunAsync("apply", "-k", overlay)).RequireSuccess();
        (await cluster.Kubectl.RunAsync("-n", "attention-system", "wait", "--for=condition=Available", "deployment", "--all", "--timeout=120s")).RequireSuccess();
        (await cluster.Kubectl.RunAsync("wait", "--for=condition=Established", "crd/attentionmodels.attentionoperator.io", "--timeout=60s")).RequireSuccess();
        (await cluster.Kubectl.RunAsync("apply", "-k", Repository.PathOf("config", "samples"))).RequireSuccess();
        var again = (await cluster.Kubectl.RunAsync("apply", "-k", overlay)).RequireSuccess().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.NotEmpty(again);
        Assert.All(again, line => Assert.EndsWith(" unchanged", line, StringComparison.Ordinal));
        (await cluster.Kubectl.RunAsync("apply", "--server-side", "--force-conflicts", "--field-manager=argocd-controller", "-k", overlay)).RequireSuccess();
        (await cluster.Kubectl.RunAsync("delete", "-k", Repository.PathOf("config", "samples"), "--timeout=60s")).RequireSuccess();
        (await cluster.Kubectl.RunAsync("delete", "-k", overlay, "--ignore-not-found", "--timeout=120s")).RequireSuccess();
        Assert.Equal("", (await cluster.Kubectl.RunAsync("get", "clusterroles,clusterrolebindings", "-o", "name")).RequireSuccess().Split('\n').FirstOrDefault(name => name.Contains("attention", StringComparison.Ordinal)) ?? "");
    }
}
