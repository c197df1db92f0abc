namespace AttentionOperator.Conformance;

/// <summary>The same with the real programs, where build/kubectl.sh has put them (or the PATH has them).</summary>
public sealed class KubectlTests(Cluster cluster) : ConformanceTest(cluster)
{
    [Fact]
    public async Task Kubectl_creates_applies_shows_explains_and_deletes()
    {
        var kubectl = Programs.Find("kubectl");
        Assert.Contains("configmap/a created", await RunAsync(kubectl, "create", "configmap", "a", "--from-literal=x=y"), StringComparison.Ordinal);
        Assert.Contains("deployment.apps/web created", await RunAsync(kubectl, "create", "deployment", "web", "--image=registry.k8s.io/pause:3.10"), StringComparison.Ordinal);
        Assert.Contains("condition met", await RunAsync(kubectl, "wait", "--for=condition=Available", "deployment/web", "--timeout=60s"), StringComparison.Ordinal);
        Assert.Contains("successfully rolled out", await RunAsync(kubectl, "rollout", "status", "deployment/web", "--timeout=60s"), StringComparison.Ordinal);
        Assert.Contains("1/1", await RunAsync(kubectl, "get", "deployment", "web"), StringComparison.Ordinal);
        Assert.Contains("Running", await RunAsync(kubectl, "get", "pods", "-o", "wide"), StringComparison.Ordinal);
        Assert.Contains("scaled", await RunAsync(kubectl, "scale", "deployment/web", "--replicas=2"), StringComparison.Ordinal);
        Assert.Contains("Replicas:", await RunAsync(kubectl, "describe", "deployment", "web"), StringComparison.Ordinal);
        if (Cluster.ServesOpenApi) Assert.Contains("rollingUpdate\t<RollingUpdateDeployment>", await RunAsync(kubectl, "explain", "deployment.spec.strategy"), StringComparison.Ordinal);
        Assert.Contains("yes", await RunAsync(kubectl, "auth", "can-i", "create", "pods"), StringComparison.Ordinal);
        var manifest = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(manifest, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata: {x: \"1\"}\n");
            Assert.Contains("configmap/b created", await RunAsync(kubectl, "apply", Validation, "-f", manifest), StringComparison.Ordinal);
            Assert.Contains("configmap/b unchanged", await RunAsync(kubectl, "apply", Validation, "-f", manifest), StringComparison.Ordinal);
            await File.WriteAllTextAsync(manifest, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata: {z: \"2\"}\n");
            Assert.Contains("configmap/b configured", await RunAsync(kubectl, "apply", Validation, "-f", manifest), StringComparison.Ordinal);
            Assert.Equal("{\"z\":\"2\"}", await RunAsync(kubectl, "get", "configmap", "b", "-o", "jsonpath={.data}"));
            Assert.Contains("serverside-applied", await RunAsync(kubectl, "apply", Validation, "--server-side", "-f", manifest), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(manifest);
        }

        Assert.Contains("deleted", await RunAsync(kubectl, "delete", "deployment", "web", "--timeout=60s"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Helm_installs_upgrades_rolls_back_and_uninstalls()
    {
        var helm = Programs.Find("helm");
        var chart = Directory.CreateTempSubdirectory("chart").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(chart, "templates"));
            await File.WriteAllTextAsync(Path.Combine(chart, "Chart.yaml"), "apiVersion: v2\nname: c\nversion: 0.1.0\n");
            await File.WriteAllTextAsync(Path.Combine(chart, "values.yaml"), "v: 1\n");
            await File.WriteAllTextAsync(Path.Combine(chart, "templates", "cm.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: released}\ndata: {v: \"{{ .Values.v }}\"}\n");
            Assert.Contains("STATUS: deployed", await RunAsync(helm, [.. HelmInstall, "r", chart]), StringComparison.Ordinal);
            await RunAsync(helm, [.. HelmUpgrade, "r", chart, "--set", "v=2"]);
            Assert.Equal("2", Text(await GetAsync($"{ConfigMaps}/released"), "data", "v"));
            await RunAsync(helm, "rollback", "r", "1");
            Assert.Equal("1", Text(await GetAsync($"{ConfigMaps}/released"), "data", "v"));
            await RunAsync(helm, "uninstall", "r");
            Assert.Equal(404, (await Cluster.SendAsync("GET", $"{ConfigMaps}/released")).Code);
        }
        finally
        {
            Directory.Delete(chart, recursive: true);
        }
    }

    private string Validation => Cluster.ServesOpenApi ? "--validate=true" : "--validate=ignore";

    private string[] HelmInstall => Cluster.ServesOpenApi ? ["install"] : ["install", "--disable-openapi-validation"];

    private string[] HelmUpgrade => Cluster.ServesOpenApi ? ["upgrade"] : ["upgrade", "--disable-openapi-validation"];

    private Task<string> RunAsync(string program, params string[] arguments) => Programs.RunAsync(Cluster, Namespace, program, arguments);
}
