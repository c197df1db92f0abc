using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace AttentionOperator.ScalingBench;

/// <summary>The Sandbox with the product from the manifests that a cluster gets, one node for the product and two for models.</summary>
internal sealed class ScalingCluster : IAsyncDisposable
{
    public const string ModelPool = "models";

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);
    private static readonly ResourceKind Models = ResourceKind.Of<AttentionModel>();
    private readonly string directory = Directory.CreateTempSubdirectory("scaling-bench-").FullName;
    private readonly Process sandbox;
    private readonly StreamWriter log;
    private KubeConnection? connection;

    private ScalingCluster(string root, string configuration)
    {
        // Without the token that gateway and runtimes share, no other replica goes on with a stream.
        File.WriteAllText(Path.Combine(directory, "token.yaml"), string.Join("\n---\n", ((string[])["attention-system", "default"]).Select(ns =>
            $"apiVersion: v1\nkind: Secret\nmetadata:\n  name: {EnvironmentNames.InternalTokenSecret}\n  namespace: {ns}\nstringData:\n  {EnvironmentNames.InternalTokenKey}: {directory.GetHashCode(StringComparison.Ordinal):x8}-of-this-run\n")));
        var start = new ProcessStartInfo(
            Path.Combine(root, "src", "AttentionOperator.Sandbox", "bin", configuration, "net10.0", "attention-sandbox"),
            [
                "run", "--exit-on-stdin-close", "--kubeconfig", KubeConfig, "--ready-file", ReadyFile, "--volume", $"models={Path.Combine(root, "models")}",
                "--node", "name=system,cpu=8,memory=16Gi",
                "--node", $"name=model-1,cpu=8,memory=16Gi,label.pool={ModelPool},taint.pool={ModelPool}:NoSchedule",
                "--node", $"name=model-2,cpu=8,memory=16Gi,label.pool={ModelPool},taint.pool={ModelPool}:NoSchedule",
                "--apply", Path.Combine(root, "config", "default"), "--apply", Path.Combine(directory, "token.yaml"),
            ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        log = new StreamWriter(Path.Combine(directory, "sandbox.log"));
        sandbox = Process.Start(start)!;
        sandbox.OutputDataReceived += (_, line) => Write(line.Data);
        sandbox.ErrorDataReceived += (_, line) => Write(line.Data);
        sandbox.BeginOutputReadLine();
        sandbox.BeginErrorReadLine();
    }

    public HttpClient Gateway { get; private set; } = null!;

    public Kubernetes Client => connection!.Client;

    private string KubeConfig => Path.Combine(directory, "kubeconfig");

    private string ReadyFile => Path.Combine(directory, "ready");

    public static async Task<ScalingCluster> StartAsync(string root, string configuration, CancellationToken cancellation)
    {
        var cluster = new ScalingCluster(root, configuration);
        try
        {
            await UntilAsync(() => Task.FromResult(!cluster.sandbox.HasExited ? File.Exists(cluster.ReadyFile) : throw new InvalidOperationException("attention-sandbox ended before it was ready")), cancellation);
            cluster.connection = KubeConnection.Create(new KubeConnectionOptions { KubeConfig = cluster.KubeConfig, QueriesPerSecond = 0 });
            foreach (var name in (string[])["attention-operator", "attention-gateway"])
            {
                await UntilAsync(async () => (await cluster.Client.AppsV1.ReadNamespacedDeploymentAsync(name, "attention-system", cancellationToken: cancellation)).Status?.AvailableReplicas == 1, cancellation);
            }

            var service = await cluster.Client.CoreV1.ReadNamespacedServiceAsync("attention-gateway", "attention-system", cancellationToken: cancellation);
            cluster.Gateway = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://{service.Spec.ClusterIP}:{PortNames.Gateway}"), Timeout = Patience };
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public async Task ApplyAsync(string name, string spec, CancellationToken cancellation)
    {
        var document = new JsonObject { ["apiVersion"] = ApiNames.ApiVersion, ["kind"] = ApiNames.Kind, ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = JsonNode.Parse(spec) };
        await new KubeApi(connection!).ApplyAsync(Models, new ObjectKey("default", name), JsonSerializer.SerializeToUtf8Bytes(document), "bench", true, null, cancellation);
    }

    public async Task DeleteAsync(string name, CancellationToken cancellation)
    {
        await new KubeApi(connection!).DeleteAsync(Models, new ObjectKey("default", name), null, cancellation);
        await UntilAsync(async () => (await PodsAsync(name, cancellation)).Count == 0, cancellation);
    }

    public async Task<AttentionModel> ModelAsync(string name, CancellationToken cancellation) =>
        (await new KubeApi(connection!).GetAsync(Models, new ObjectKey("default", name), cancellation))!.As<AttentionModel>();

    public async Task<IList<V1Pod>> PodsAsync(string name, CancellationToken cancellation) =>
        (await Client.CoreV1.ListNamespacedPodAsync("default", labelSelector: $"{LabelNames.Model}={name}", cancellationToken: cancellation)).Items;

    public async Task<int> ReadyAsync(string name, CancellationToken cancellation) => (await PodsAsync(name, cancellation)).Count(IsReady);

    /// <summary>Evicts a model's pods from a node that takes no new ones, as a drain does: again where a budget refuses.</summary>
    public async Task DrainAsync(string node, string model, CancellationToken cancellation)
    {
        await Client.CoreV1.PatchNodeAsync(new V1Patch("""{"spec":{"unschedulable":true}}""", V1Patch.PatchType.MergePatch), node, cancellationToken: cancellation);
        await UntilAsync(
            async () =>
            {
                var left = (await PodsAsync(model, cancellation)).Where(pod => pod.Spec.NodeName == node).ToList();
                foreach (var pod in left.Where(pod => pod.Metadata.DeletionTimestamp is null))
                {
                    try
                    {
                        await Client.CoreV1.CreateNamespacedPodEvictionAsync(
                            new V1Eviction { Metadata = new V1ObjectMeta { Name = pod.Metadata.Name, NamespaceProperty = "default" } }, pod.Metadata.Name, "default", cancellationToken: cancellation);
                    }
                    catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.NotFound)
                    {
                        // A disruption budget: the next look tries again.
                    }
                }

                return left.Count == 0;
            },
            cancellation);
    }

    public static bool IsReady(V1Pod pod) => pod.Metadata.DeletionTimestamp is null && pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    public static async Task UntilAsync(Func<Task<bool>> holds, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        while (!await holds())
        {
            await Task.Delay(Poll, limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Gateway?.Dispose();
        connection?.Dispose();
        if (!sandbox.HasExited)
        {
            sandbox.StandardInput.Close();
            await sandbox.WaitForExitAsync();
        }

        sandbox.Dispose();
        await log.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    private void Write(string? line)
    {
        lock (log)
        {
            log.WriteLine(line);
        }
    }
}
