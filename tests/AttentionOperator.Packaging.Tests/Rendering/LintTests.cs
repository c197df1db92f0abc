namespace AttentionOperator.Packaging.Tests.Rendering;

public sealed class LintTests
{
    [Theory]
    [InlineData("minimal")]
    [InlineData("everything")]
    public async Task Lint_finds_nothing(string values) =>
        (await Tool.Find("helm").RunAsync("lint", "--strict", Repository.Chart, "--values", Chart.Values(values))).RequireSuccess();

    [Theory]
    [InlineData("operator.replica=3", "replica")]
    [InlineData("operator.replicas=-1", "replicas")]
    [InlineData("operator.logLevel=Loud", "logLevel")]
    [InlineData("operator.image.digest=sha256:12", "digest")]
    [InlineData("operator.notifications.notify.url=hooks.example.com", "notify")]
    [InlineData("operator.notifications.retrain.secretRef.name=Hook", "retrain")]
    [InlineData("operator.notifications.notify.url=http://hooks,operator.notifications.notify.secretRef.name=hook", "operator.notifications.notify: url and secretRef.name are both set")]
    [InlineData("operator.allowHostPaths={models}", "allowHostPaths")]
    [InlineData("gateway.publicService.type=ExternalName", "publicService")]
    [InlineData("gateway.httpRoute.enabled=true", "parentRefs")]
    [InlineData("gateway.ingress.tlsSecretName=tls", "host")]
    [InlineData("networkPolicies.apiServer.ports={}", "ports")]
    [InlineData("networkPolicies.modelNamespaces={UPPER}", "modelNamespaces")]
    [InlineData("watchNamespace=-a", "watchNamespace")]
    [InlineData("monitoring.serviceMonitor.interval=often", "interval")]
    [InlineData("crds.install=true", "install")]
    public async Task A_wrong_value_is_refused_by_its_name(string setting, string name)
    {
        var result = await Chart.TryRenderAsync("--set", setting);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(name, result.Errors, StringComparison.Ordinal);
    }
}
