using System.Collections.Concurrent;
using System.Diagnostics;
using k8s;

namespace AttentionOperator.Packaging.Tests.Cluster;

/// <summary>A Sandbox as a process of its own, whose pods become ready without processes, and helm and kubectl that talk to it.</summary>
public sealed class SandboxCluster : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly string directory = Directory.CreateTempSubdirectory("packaging-").FullName;
    private readonly ConcurrentQueue<string> output = new();
    private Process? sandbox;

    public Kubernetes Client { get; private set; } = null!;

    internal Tool Kubectl => Tool.Find("kubectl", Environment);

    internal Tool Helm => Tool.Find("helm", Environment);

    private string KubeConfig => Path.Combine(directory, "kubeconfig");

    // The programs' caches and configuration stay out of the home directory.
    private Dictionary<string, string> Environment => new(StringComparer.Ordinal) { ["KUBECONFIG"] = KubeConfig, ["HOME"] = directory, ["KUBECACHEDIR"] = Path.Combine(directory, "cache") };

    public async ValueTask InitializeAsync()
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        sandbox = new Process
        {
            StartInfo = new ProcessStartInfo(Repository.Sandbox, ["run", "--exit-on-stdin-close", "--faked-pods", "--kubeconfig", KubeConfig])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
            EnableRaisingEvents = true,
        };
        sandbox.OutputDataReceived += (_, line) => Record(line.Data, ready);
        sandbox.ErrorDataReceived += (_, line) => Record(line.Data, ready);
        sandbox.Exited += (_, _) => ready.TrySetException(new InvalidOperationException("The Sandbox ended: " + string.Join('\n', output)));
        sandbox.Start();
        sandbox.BeginOutputReadLine();
        sandbox.BeginErrorReadLine();
        await ready.Task.WaitAsync(Patience);
        Client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(KubeConfig));
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (sandbox is not null)
        {
            // The Sandbox ends when its input does.
            sandbox.StandardInput.Close();
            await sandbox.WaitForExitAsync().WaitAsync(Patience);
            sandbox.Dispose();
        }

        Directory.Delete(directory, recursive: true);
    }

    /// <summary>A file that goes with the cluster.</summary>
    internal async Task<string> FileAsync(string name, string text)
    {
        var path = Path.Combine(directory, name);
        await File.WriteAllTextAsync(path, text);
        return path;
    }

    internal string NewDirectory() => Directory.CreateDirectory(Path.Combine(directory, Path.GetRandomFileName())).FullName;

    private void Record(string? line, TaskCompletionSource ready)
    {
        output.Enqueue(line ?? "");
        if (line?.Contains("export KUBECONFIG=", StringComparison.Ordinal) == true)
        {
            ready.TrySetResult();
        }
    }
}
