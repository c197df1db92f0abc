namespace AttentionOperator.Conformance;

/// <summary>AttentionModels in the hands of a real kubectl: what people do with them beside applying.</summary>
public sealed class ProductKubectlTests(Cluster cluster) : ConformanceTest(cluster)
{
    private const string Definition = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/attentionmodels.attentionoperator.io";
    private const string Model = "apiVersion: attentionoperator.io/v1alpha1\nkind: AttentionModel\nmetadata: {name: chat}\nspec: {model: {uri: 'pvc://models/a'}, replicas: 1}\n";

    private string Models => $"/apis/attentionoperator.io/v1alpha1/namespaces/{Namespace}/attentionmodels";

    [Fact]
    public async Task Models_are_explained_applied_compared_edited_and_watched()
    {
        var kubectl = Programs.Find("kubectl");
        var manifest = Path.Combine(Path.GetTempPath(), $"{Namespace}.yaml");
        await File.WriteAllTextAsync(manifest, Model);
        var installed = await InstallAsync(kubectl);
        try
        {
            if (Cluster.ServesOpenApi) Assert.Contains("FIELD: uri <string>", await RunAsync(kubectl, "explain", "attentionmodels.spec.model.uri"), StringComparison.Ordinal);
            Assert.Contains("attentionmodel.attentionoperator.io/chat created", await RunAsync(kubectl, "apply", Validation, "-f", manifest), StringComparison.Ordinal);
            Assert.Contains("chat", await RunAsync(kubectl, "get", "am"), StringComparison.Ordinal);
            Assert.Equal((0, ""), await Programs.EndAsync(Programs.Start(Cluster, Namespace, kubectl, ["diff", "-f", manifest])));

            await File.WriteAllTextAsync(manifest, Model.Replace("replicas: 1", "replicas: 3", StringComparison.Ordinal));
            var (code, difference) = await Programs.EndAsync(Programs.Start(Cluster, Namespace, kubectl, ["diff", "-f", manifest]));
            Assert.Equal(1, code);
            Assert.Contains("-  replicas: 1", difference, StringComparison.Ordinal);
            Assert.Contains("+  replicas: 3", difference, StringComparison.Ordinal);
            Assert.Equal("1", Text(await GetAsync($"{Models}/chat"), "spec", "replicas"));

            await WatchedAsync(kubectl, async () =>
            {
                var (edited, output) = await Programs.EndAsync(Programs.Start(Cluster, Namespace, kubectl, ["edit", Validation, "am", "chat"], "sed -i s/replicas:.1/replicas:\\ 2/"));
                Assert.Equal((0, "attentionmodel.attentionoperator.io/chat edited"), (edited, output.Trim()));
            });
            Assert.Equal("2", Text(await GetAsync($"{Models}/chat"), "spec", "replicas"));

            // What the schema refuses comes back to the editor with the reason.
            var (refused, reason) = await Programs.EndAsync(Programs.Start(Cluster, Namespace, kubectl, ["edit", Validation, "am", "chat"], "sed -i s/replicas:.2/replicas:\\ -2/"));
            Assert.NotEqual(0, refused);
            Assert.Contains("is invalid", reason, StringComparison.Ordinal);
        }
        finally
        {
            await Cluster.SendAsync("DELETE", $"{Models}/chat");
            if (installed) await Cluster.SendAsync("DELETE", Definition);
            File.Delete(manifest);
        }
    }

    private string Validation => Cluster.ServesOpenApi ? "--validate=true" : "--validate=ignore";

    // A cluster that has the product keeps its definition.
    private async Task<bool> InstallAsync(string kubectl)
    {
        if ((await Cluster.SendAsync("GET", Definition)).Code == 200) return false;
        await RunAsync(kubectl, "create", Validation, "-f", Path.Combine(Programs.Root, "crds", "attentionmodels.attentionoperator.io.yaml"));
        await RunAsync(kubectl, "wait", "--for=condition=Established", "crd/attentionmodels.attentionoperator.io", "--timeout=60s");
        using var patience = new CancellationTokenSource(Patience);
        while ((await Cluster.SendAsync("GET", Models)).Code == 404) await Task.Delay(100, patience.Token);
        return true;
    }

    /// <summary>Runs kubectl get --watch beside a change and waits until it shows it.</summary>
    private async Task WatchedAsync(string kubectl, Func<Task> change)
    {
        using var watch = Programs.Start(Cluster, Namespace, kubectl, ["get", "am", "chat", "--watch", "-o", "jsonpath={.spec.replicas}{'\\n'}"]);
        try
        {
            using var patience = new CancellationTokenSource(Patience);
            Assert.Equal("1", await watch.StandardOutput.ReadLineAsync(patience.Token));
            await change();
            string? line;
            while ((line = await watch.StandardOutput.ReadLineAsync(patience.Token)) == "1")
            {
            }

            Assert.Equal("2", line);
        }
        finally
        {
            watch.Kill(entireProcessTree: true);
        }
    }

    private Task<string> RunAsync(string program, params string[] arguments) => Programs.RunAsync(Cluster, Namespace, program, arguments);
}
