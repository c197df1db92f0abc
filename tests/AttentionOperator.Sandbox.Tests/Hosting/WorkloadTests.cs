using System.Net;
using System.Net.Sockets;
using System.Text;
using k8s;
using k8s.Models;

namespace AttentionOperator.Sandbox.Tests.Hosting;

public sealed class WorkloadTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private static bool Complete(V1Deployment d, int replicas) =>
        d.Status is { } status && status.ObservedGeneration == d.Metadata.Generation
        && status.UpdatedReplicas == replicas && status.AvailableReplicas == replicas && status.Replicas == replicas;

    [Fact]
    public async Task Deployment_RollsOutScalesAndRollsBack()
    {
        await sandbox.CreateDeploymentAsync("roll", 2);
        var first = await sandbox.DeploymentAsync("roll", d => Complete(d, 2));
        Assert.Equal("1", first.Metadata.Annotations["deployment.kubernetes.io/revision"]);

        await PatchAsync("roll", """{"spec":{"template":{"metadata":{"annotations":{"v":"2"}}}}}""");
        var second = await sandbox.DeploymentAsync("roll", d => Complete(d, 2) && d.Metadata.Annotations["deployment.kubernetes.io/revision"] == "2");
        Assert.Contains(second.Status.Conditions, c => c is { Type: "Progressing", Status: "True", Reason: "NewReplicaSetAvailable" });

        await PatchAsync("roll", """{"spec":{"replicas":3,"template":{"metadata":{"annotations":null}}}}""");
        await sandbox.DeploymentAsync("roll", d => Complete(d, 3) && d.Metadata.Annotations["deployment.kubernetes.io/revision"] == "3");
        var sets = await sandbox.Client.AppsV1.ListNamespacedReplicaSetAsync("default", labelSelector: "app=roll");
        Assert.Equal(2, sets.Items.Count);

        await sandbox.Client.AppsV1.DeleteNamespacedDeploymentAsync("roll", "default");
        await sandbox.PodsAsync("roll", pods => pods.Count == 0);
        await SandboxFixture.EventuallyAsync(() => sandbox.Client.AppsV1.ListNamespacedReplicaSetAsync("default", labelSelector: "app=roll"), s => s.Items.Count == 0);
    }

    [Fact]
    public async Task Recreate_NeverRunsTwoVersionsSideBySide()
    {
        await sandbox.CreateDeploymentAsync("recreate", 2, "  strategy: { type: Recreate }");
        await sandbox.DeploymentAsync("recreate", d => Complete(d, 2));
        var before = (await sandbox.PodsAsync("recreate", p => p.Count == 2)).Select(p => p.Metadata.Uid).ToHashSet();

        await PatchAsync("recreate", """{"spec":{"template":{"metadata":{"annotations":{"v":"2"}}}}}""");
        var pods = await sandbox.PodsAsync("recreate", current =>
        {
            var old = current.Count(p => before.Contains(p.Metadata.Uid));
            Assert.True(old == 0 || current.Count == old, "old and new pods at the same time");
            return old == 0 && current.Count == 2 && current.All(p => p.Status.Phase == "Running");
        });

        Assert.Equal(2, pods.Count);
    }

    [Fact]
    public async Task KilledContainer_IsRestartedInItsPod()
    {
        await sandbox.CreateDeploymentAsync("killed", 1, script: "echo $$$$; exec sleep 600");
        await sandbox.DeploymentAsync("killed", d => Complete(d, 1));
        var pod = (await sandbox.PodsAsync("killed", p => p.Count == 1))[0];
        using var log = await sandbox.Client.CoreV1.ReadNamespacedPodLogAsync(pod.Metadata.Name, "default");
        using var reader = new StreamReader(log);
        var process = int.Parse((await reader.ReadToEndAsync()).Trim(), System.Globalization.CultureInfo.InvariantCulture);

        using (var victim = System.Diagnostics.Process.GetProcessById(process))
        {
            victim.Kill();
        }

        var after = await sandbox.PodsAsync("killed", p => p is [{ Status.ContainerStatuses: [{ RestartCount: 1, Ready: true }] }]);
        Assert.Equal(pod.Metadata.Uid, after[0].Metadata.Uid);
        Assert.Equal(137, after[0].Status.ContainerStatuses[0].LastState.Terminated.ExitCode);
    }

    [Fact]
    public async Task Service_LeadsToReadyPodsAtItsClusterAddress()
    {
        await sandbox.CreateDeploymentAsync("served", 1);
        var service = await sandbox.Client.CoreV1.CreateNamespacedServiceAsync(
            KubernetesYaml.Deserialize<V1Service>("metadata: { name: served }\nspec: { selector: { app: served }, ports: [{ port: 80, targetPort: 8080 }] }"), "default");
        var slices = await SandboxFixture.EventuallyAsync(
            () => sandbox.Client.DiscoveryV1.ListNamespacedEndpointSliceAsync("default", labelSelector: "kubernetes.io/service-name=served"),
            s => s.Items.Any(i => i.Endpoints is { Count: 1 } && i.Endpoints[0].Conditions.Ready == true));
        var address = slices.Items[0].Endpoints[0].Addresses[0];

        // The test answers at the pod's address, as the container's process would.
        using var listener = new TcpListener(IPAddress.Parse(address), 8080);
        listener.Start();
        var answering = Task.Run(async () =>
        {
            using var accepted = await listener.AcceptTcpClientAsync();
            await accepted.GetStream().WriteAsync("hello"u8.ToArray());
        });
        var text = await SandboxFixture.EventuallyAsync(() => AskAsync(service.Spec.ClusterIP), t => t.Length > 0);
        await answering;

        Assert.Equal("hello", text);
        Assert.StartsWith("127.", service.Spec.ClusterIP, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gpus_ThatAreTaken_KeepAPodPendingUntilTheyAreFree()
    {
        await CreatePodAsync("holder", "resources: { limits: { nvidia.com/gpu: 2 } }");
        await SandboxFixture.EventuallyAsync(() => sandbox.Client.CoreV1.ReadNamespacedPodAsync("holder", "default"), p => p.Status.Phase == "Running");
        await CreatePodAsync("waiter", "resources: { limits: { nvidia.com/gpu: 1 } }");
        var pending = await SandboxFixture.EventuallyAsync(
            () => sandbox.Client.CoreV1.ReadNamespacedPodAsync("waiter", "default"),
            p => p.Status.Conditions?.Any(c => c is { Type: "PodScheduled", Status: "False" }) == true);
        Assert.StartsWith("0/2 nodes are available: 2 Insufficient nvidia.com/gpu.", pending.Status.Conditions.First(c => c.Type == "PodScheduled").Message, StringComparison.Ordinal);
        await SandboxFixture.EventuallyAsync(
            () => sandbox.Client.CoreV1.ListNamespacedEventAsync("default", fieldSelector: "involvedObject.name=waiter"),
            events => events.Items.Any(e => e is { Reason: "FailedScheduling", Type: "Warning" }));

        await sandbox.Client.CoreV1.DeleteNamespacedPodAsync("holder", "default", gracePeriodSeconds: 0);

        var running = await SandboxFixture.EventuallyAsync(() => sandbox.Client.CoreV1.ReadNamespacedPodAsync("waiter", "default"), p => p.Status.Phase == "Running");
        Assert.Equal("one", running.Spec.NodeName);
        await sandbox.Client.CoreV1.DeleteNamespacedPodAsync("waiter", "default", gracePeriodSeconds: 0);
    }

    [Fact]
    public async Task Job_RunsToCompletionAndExpires()
    {
        await CreateJobAsync("works", "echo done", "ttlSecondsAfterFinished: 1");
        await SandboxFixture.EventuallyAsync(
            async () => (await sandbox.Client.BatchV1.ListNamespacedJobAsync("default", fieldSelector: "metadata.name=works")).Items, jobs => jobs.Count == 0);
        await SandboxFixture.EventuallyAsync(
            async () => (await sandbox.Client.CoreV1.ListNamespacedPodAsync("default", labelSelector: "app=works")).Items, pods => pods.Count == 0);
    }

    [Fact]
    public async Task Job_ThatFailsTooOften_IsFailed()
    {
        await CreateJobAsync("fails", "exit 1", "backoffLimit: 0");
        var job = await SandboxFixture.EventuallyAsync(
            () => sandbox.Client.BatchV1.ReadNamespacedJobAsync("fails", "default"), j => j.Status?.Conditions?.Any(c => c.Type == "Failed") == true);

        Assert.Contains(job.Status.Conditions, c => c is { Type: "Failed", Status: "True", Reason: "BackoffLimitExceeded" });
        Assert.Equal(1, job.Status.Failed);
    }

    [Fact]
    public async Task Orphaning_KeepsThePods()
    {
        await sandbox.CreateDeploymentAsync("orphaned", 1);
        await sandbox.DeploymentAsync("orphaned", d => Complete(d, 1));

        await sandbox.Client.AppsV1.DeleteNamespacedDeploymentAsync("orphaned", "default", propagationPolicy: "Orphan");

        await SandboxFixture.EventuallyAsync(async () => (await sandbox.Client.AppsV1.ListNamespacedDeploymentAsync("default", labelSelector: "app=orphaned")).Items, d => d.Count == 0);
        var set = await SandboxFixture.EventuallyAsync(
            async () => (await sandbox.Client.AppsV1.ListNamespacedReplicaSetAsync("default", labelSelector: "app=orphaned")).Items, s => s is [{ Metadata.OwnerReferences: null or { Count: 0 } }]);
        Assert.Single(await sandbox.PodsAsync("orphaned", p => p.Count == 1));
        await sandbox.Client.AppsV1.DeleteNamespacedReplicaSetAsync(set[0].Metadata.Name, "default", propagationPolicy: "Foreground");
        await sandbox.PodsAsync("orphaned", p => p.Count == 0);
    }

    [Fact]
    public async Task Eviction_IsRefusedWhereTheBudgetIsSpent()
    {
        await sandbox.CreateDeploymentAsync("guarded", 2);
        await sandbox.Client.PolicyV1.CreateNamespacedPodDisruptionBudgetAsync(
            KubernetesYaml.Deserialize<V1PodDisruptionBudget>("metadata: { name: guarded }\nspec: { minAvailable: 2, selector: { matchLabels: { app: guarded } } }"), "default");
        await SandboxFixture.EventuallyAsync(
            () => sandbox.Client.PolicyV1.ReadNamespacedPodDisruptionBudgetAsync("guarded", "default"), b => b.Status is { CurrentHealthy: 2, DesiredHealthy: 2, ExpectedPods: 2 });
        var pod = (await sandbox.PodsAsync("guarded", p => p.Count == 2))[0];

        var refused = await Assert.ThrowsAsync<k8s.Autorest.HttpOperationException>(() => EvictAsync(pod));
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.Response.StatusCode);

        await sandbox.Client.PolicyV1.PatchNamespacedPodDisruptionBudgetAsync(new V1Patch("""{"spec":{"minAvailable":1}}""", V1Patch.PatchType.MergePatch), "guarded", "default");
        await SandboxFixture.EventuallyAsync(() => sandbox.Client.PolicyV1.ReadNamespacedPodDisruptionBudgetAsync("guarded", "default"), b => b.Status.DisruptionsAllowed == 1);
        await EvictAsync(pod);
        await sandbox.PodsAsync("guarded", p => p.Count == 2 && p.All(x => x.Metadata.Uid != pod.Metadata.Uid && x.Status.Phase == "Running"));
    }

    [Fact]
    public async Task Namespace_IsEmptiedAndGoes()
    {
        await sandbox.Client.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = "leaving" } });
        await SandboxFixture.EventuallyAsync(async () => (await sandbox.Client.CoreV1.ListNamespacedServiceAccountAsync("leaving")).Items, a => a.Count == 1);
        await sandbox.Client.CoreV1.CreateNamespacedConfigMapAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "content" } }, "leaving");

        await sandbox.Client.CoreV1.DeleteNamespaceAsync("leaving");

        await SandboxFixture.EventuallyAsync(async () => (await sandbox.Client.CoreV1.ListNamespaceAsync()).Items, n => n.All(x => x.Metadata.Name != "leaving"));
    }

    private static async Task<string> AskAsync(string address)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Parse(address), 80);
            using var reader = new StreamReader(client.GetStream(), Encoding.UTF8);
            return await reader.ReadToEndAsync();
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return string.Empty;
        }
    }

    private Task<V1Eviction> EvictAsync(V1Pod pod) => sandbox.Client.CoreV1.CreateNamespacedPodEvictionAsync(
        new V1Eviction { Metadata = new V1ObjectMeta { Name = pod.Metadata.Name, NamespaceProperty = "default" } }, pod.Metadata.Name, "default");

    private Task<V1Deployment> PatchAsync(string name, string patch) =>
        sandbox.Client.AppsV1.PatchNamespacedDeploymentAsync(new V1Patch(patch, V1Patch.PatchType.MergePatch), name, "default");

    private Task<V1Pod> CreatePodAsync(string name, string container) => sandbox.Client.CoreV1.CreateNamespacedPodAsync(
        KubernetesYaml.Deserialize<V1Pod>($"metadata: {{ name: {name} }}\nspec:\n  containers:\n  - name: main\n    image: busybox\n    command: [sleep, '600']\n    {container}"), "default");

    private Task<V1Job> CreateJobAsync(string name, string script, string spec) => sandbox.Client.BatchV1.CreateNamespacedJobAsync(
        KubernetesYaml.Deserialize<V1Job>(
            $$"""
            metadata: { name: {{name}} }
            spec:
              {{spec}}
              template:
                metadata: { labels: { app: {{name}} } }
                spec: { restartPolicy: Never, containers: [{ name: main, image: busybox, command: [sh, -c, "{{script}}"] }] }
            """), "default");
}
