using System.Diagnostics;
using k8s;
using k8s.Models;

namespace AttentionOperator.Sandbox.Tests.Hosting;

public sealed class ProgramTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly string _directory = Directory.CreateTempSubdirectory("sandbox-program-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task KilledSandbox_LeavesNoProcessBehind()
    {
        using var sandbox = Start();
        var child = await ChildAsync(sandbox);

        sandbox.Kill();
        await sandbox.WaitForExitAsync().WaitAsync(Patience);

        await WaitUntilGoneAsync(child);
    }

    [Fact]
    public async Task TerminatedSandbox_StopsItsPodsAndExitsWithZero()
    {
        using var sandbox = Start();
        var child = await ChildAsync(sandbox);

        NodeAgentSignals.Terminate(sandbox.Id);
        await sandbox.WaitForExitAsync().WaitAsync(Patience);

        Assert.Equal(0, sandbox.ExitCode);
        await WaitUntilGoneAsync(child);
    }

    private Process Start()
    {
        var manifest = Path.Combine(_directory, "pod.yaml");
        File.WriteAllText(
            manifest,
            """
            apiVersion: v1
            kind: Pod
            metadata: { name: tree }
            spec:
              terminationGracePeriodSeconds: 5
              containers: [{ name: main, image: busybox, command: [sh, -c, "sleep 600 & echo $!; wait"] }]
            """);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "attention-sandbox.dll"), "run", "--data-dir", Path.Combine(_directory, "data"), "--apply", manifest])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        return Process.Start(start)!;
    }

    // The process that the container's process has started, told by its log.
    private async Task<int> ChildAsync(Process sandbox)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (await sandbox.StandardOutput.ReadLineAsync(limit.Token) is { } line && !line.StartsWith("kubeconfig:", StringComparison.Ordinal))
        {
            Assert.False(sandbox.HasExited);
        }

        using var client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(Path.Combine(_directory, "data", "kubeconfig")));
        await SandboxFixture.EventuallyAsync(
            () => client.CoreV1.ReadNamespacedPodAsync("tree", "default"), p => p.Status.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true);
        var text = await SandboxFixture.EventuallyAsync(
            async () =>
            {
                using var log = await client.CoreV1.ReadNamespacedPodLogAsync("tree", "default");
                using var reader = new StreamReader(log);
                return await reader.ReadToEndAsync();
            },
            t => t.Contains('\n', StringComparison.Ordinal));
        return int.Parse(text.Trim(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task WaitUntilGoneAsync(int id)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (IsRunning(id))
        {
            await Task.Delay(10, limit.Token);
        }
    }

    private static bool IsRunning(int id)
    {
        try
        {
            return !File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static class NodeAgentSignals
    {
        public static void Terminate(int id) => Sandbox.NodeAgent.Processes.UnixSignal.Send(id, Sandbox.NodeAgent.Processes.UnixSignal.Terminate);
    }
}
