namespace AttentionOperator.Cli.Tests;

public sealed class PlanCommandTests
{
    private const string Manifest = """
        apiVersion: attentionoperator.io/v1alpha1
        kind: AttentionModel
        metadata: {name: chat}
        spec:
          model: {uri: "pvc://models/v2"}
          replicas: 4
          resources: {accelerator: {count: 2}}
          slo: {objectives: [{name: errors, type: Errors, target: 95}]}
        """;

    [Fact]
    public async Task Plan_prints_steps_peak_and_duration_before_anything_starts()
    {
        var (code, output, _) = await RunAsync(Manifest, "--rps", "10");
        Assert.Equal(0, code);
        Assert.Matches(@"1 +5% +1 +4 +5s +objectives and ready replicas", output);
        Assert.Matches(@"3 +50% +2 +3 +5s", output);
        Assert.Matches(@"promotion +100% +4 +1", output);
        Assert.Contains("peak: 5 replicas, 10 nvidia.com/gpu", output, StringComparison.Ordinal);
        Assert.Contains("holds: 15s, then 5m of watching", output, StringComparison.Ordinal);
        Assert.Matches(@"evidence: about \d+ good requests .* at 10 requests/s and 5 %", output);
    }

    [Fact]
    public async Task Plan_without_surge_never_peaks_above_the_replicas()
    {
        var (code, output, _) = await RunAsync(Manifest + "\n  rollout: {maxSurge: 0}");
        Assert.Equal(0, code);
        Assert.Contains("peak: 4 replicas, 8 nvidia.com/gpu", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_of_a_single_replica_without_surge_warns()
    {
        var (_, output, _) = await RunAsync(Manifest.Replace("replicas: 4", "replicas: 1", StringComparison.Ordinal) + "\n  rollout: {maxSurge: 0}");
        Assert.Contains("peak: 1 replicas, 2 nvidia.com/gpu", output, StringComparison.Ordinal);
        Assert.Contains("warning: the old revision goes before the new one loads", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("replicas: -1", "spec.replicas")]
    [InlineData("replicas: [", "")]
    public async Task Bad_file_is_an_error_that_names_it(string instead, string field)
    {
        var (code, _, error) = await RunAsync(Manifest.Replace("replicas: 4", instead, StringComparison.Ordinal));
        Assert.Equal(1, code);
        Assert.StartsWith("error: ", error, StringComparison.Ordinal);
        Assert.Contains("model.yaml", error, StringComparison.Ordinal);
        Assert.Contains(field, error, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string manifest, params string[] more)
    {
        var directory = Directory.CreateTempSubdirectory("attn-plan");
        try
        {
            var path = Path.Combine(directory.FullName, "model.yaml");
            await File.WriteAllTextAsync(path, manifest);
            using var output = new StringWriter { NewLine = "\n" };
            using var error = new StringWriter { NewLine = "\n" };
            var code = await CommandLine.Build(output, error).Parse(["plan", "-f", path, .. more]).InvokeAsync();
            return (code, output.ToString(), error.ToString());
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
