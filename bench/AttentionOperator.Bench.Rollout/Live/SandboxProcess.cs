using System.Collections.Concurrent;
using System.Diagnostics;
using k8s;

namespace AttentionOperator.Bench.Rollout.Live;

/// <summary>The product in processes of its own: the Sandbox, and in it operator and gateway from the manifests that a cluster gets.</summary>
internal sealed class SandboxProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly string directory = Directory.CreateTempSubdirectory("bench-rollout-").FullName;
    private readonly ConcurrentQueue<string> output = new();
    private Process? process;

    public Kubernetes Client { get; private set; } = null!;

    /// <summary>Address of the gateway's OpenAI API.</summary>
    public Uri Gateway { get; private set; } = null!;

    public static async Task<SandboxProcess> StartAsync(string root)
    {
        var sandbox = new SandboxProcess();
        try
        {
            await sandbox.BeginAsync(root);
            return sandbox;
        }
        catch
        {
            await sandbox.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (process is not null)
        {
            // The Sandbox ends when its input does, and with it everything that it has started.
            process.StandardInput.Close();
            await process.WaitForExitAsync().WaitAsync(Patience);
            process.Dispose();
        }

        Directory.Delete(directory, recursive: true);
    }

    private async Task BeginAsync(string root)
    {
        var framework = $"net{Environment.Version.Major}.0";
        var (ready, kubeConfig) = (Path.Combine(directory, "ready"), Path.Combine(directory, "kubeconfig"));
        var runtime = Path.Combine(root, "tests", "AttentionOperator.FaultyRuntime", "bin", "Release", framework, "faulty-runtime");
        var start = new ProcessStartInfo(
            Path.Combine(root, "src", "AttentionOperator.Sandbox", "bin", "Release", framework, "attention-sandbox"),
            ["run", "--exit-on-stdin-close", "--kubeconfig", kubeConfig, "--ready-file", ready, "--node", "name=bench,gpus=64,cpu=64,memory=256Gi", "--volume", $"models={directory}", "--image", $"faulty-runtime={runtime}", "--apply", Path.Combine(root, "config", "default")])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await UntilAsync(() => process.HasExited
            ? throw new InvalidOperationException("The Sandbox ended: " + string.Join('\n', output))
            : Task.FromResult(File.Exists(ready)));
        Client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeConfig));
        foreach (var name in (string[])["attention-operator", "attention-gateway"])
        {
            await UntilAsync(async () => (await Client.AppsV1.ReadNamespacedDeploymentAsync(name, "attention-system")).Status?.AvailableReplicas == 1);
        }

        var service = await Client.CoreV1.ReadNamespacedServiceAsync("attention-gateway", "attention-system");
        Gateway = new Uri($"http://{service.Spec.ClusterIP}:8080");
    }

    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var patience = Stopwatch.StartNew();
        while (!await condition())
        {
            if (patience.Elapsed > Patience)
            {
                throw new TimeoutException($"not reached within {Patience}");
            }

            await Task.Delay(50);
        }
    }
}
