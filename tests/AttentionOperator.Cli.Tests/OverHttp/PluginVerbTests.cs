using System.Diagnostics;

namespace AttentionOperator.Cli.Tests.OverHttp;

public sealed class PluginVerbTests(CommandCluster cluster) : VerbTests(cluster)
{
    [Fact]
    public async Task Kubectl_finds_the_plugin_and_drives_a_rollout()
    {
        var kubectl = Kubectl();
        Assert.SkipWhen(kubectl is null, "kubectl is not installed; build/kubectl.sh fetches it");
        var directory = Directory.CreateTempSubdirectory("kubectl-attention-");
        try
        {
            // As it is installed: the program, on the PATH, under the plugin's name.
            File.CreateSymbolicLink(Path.Combine(directory.FullName, "kubectl-attention"), Path.Combine(AppContext.BaseDirectory, "attn"));
            Assert.Contains("kubectl-attention", await KubectlAsync(kubectl!, directory.FullName, ["plugin", "list"]), StringComparison.Ordinal);
            await DriveAsync("plugin", arguments => KubectlAsync(kubectl!, directory.FullName, ["attention", .. arguments]));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private async Task<string> KubectlAsync(string kubectl, string directory, string[] arguments)
    {
        var start = new ProcessStartInfo(kubectl, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = directory + ":" + Environment.GetEnvironmentVariable("PATH");
        start.Environment["KUBECONFIG"] = Cluster.KubeConfig;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"kubectl {string.Join(' ', arguments)}: {await output}{await error}");
        return await output;
    }

    private static string? Kubectl()
    {
        var own = Path.Combine(string.Join('/', AppContext.BaseDirectory.TrimEnd('/').Split('/')[..^5]), "artifacts", "tools", "kubectl");
        return ((string[])[own, .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "kubectl"))]).FirstOrDefault(File.Exists);
    }
}
