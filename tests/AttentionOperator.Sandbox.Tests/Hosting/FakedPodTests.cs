using AttentionOperator.Sandbox.Hosting;
using AttentionOperator.Sandbox.NodeAgent.Nodes;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace AttentionOperator.Sandbox.Tests.Hosting;

public sealed class FakedPodTests
{
    [Fact]
    public async Task FakedPods_AreReadyWithoutProcessesAndGoWhenDeleted()
    {
        var settings = new SandboxSettings { FakedPods = true, Nodes = [NodeSpecification.Parse("name=big,cpu=100000,memory=100Ti,pods=100000")] };
        await using var host = await SandboxHost.StartAsync(settings, NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
        using var client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(host.KubeConfig));
        var deployment = KubernetesYaml.Deserialize<V1Deployment>(
            """
            metadata: { name: many }
            spec:
              replicas: 100
              selector: { matchLabels: { app: many } }
              template:
                metadata: { labels: { app: many } }
                spec: { containers: [{ name: main, image: anything }] }
            """);
        await client.AppsV1.CreateNamespacedDeploymentAsync(deployment, "default");

        await SandboxFixture.EventuallyAsync(() => client.AppsV1.ReadNamespacedDeploymentAsync("many", "default"), d => d.Status?.AvailableReplicas == 100);
        var pods = await client.CoreV1.ListNamespacedPodAsync("default");
        Assert.Equal(100, pods.Items.Select(p => p.Status.PodIP).Distinct().Count());
        Assert.Equal(0, host.RunningProcesses);

        await client.AppsV1.DeleteNamespacedDeploymentAsync("many", "default");
        await SandboxFixture.EventuallyAsync(async () => (await client.CoreV1.ListNamespacedPodAsync("default")).Items, p => p.Count == 0);
    }
}
