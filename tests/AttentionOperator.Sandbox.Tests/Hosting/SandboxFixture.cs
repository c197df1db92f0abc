using AttentionOperator.Sandbox.Hosting;
using AttentionOperator.Sandbox.NodeAgent.Nodes;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace AttentionOperator.Sandbox.Tests.Hosting;

/// <summary>A whole Sandbox in this process, shared by the tests of a class: each uses names of its own.</summary>
public sealed class SandboxFixture : IAsyncLifetime
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private SandboxHost? _host;

    public Kubernetes Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var settings = new SandboxSettings { Nodes = [NodeSpecification.Parse("name=one,gpus=2,cpu=64,memory=64Gi"), NodeSpecification.Parse("name=two,gpus=0,cpu=64,memory=64Gi")] };
        _host = await SandboxHost.StartAsync(settings, NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
        Client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(_host.KubeConfig));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_host is not null)
        {
            await _host.DisposeAsync();
            Assert.Equal(0, _host.RunningProcesses);
        }
    }

    /// <summary>Asks again until the answer is right: the API is the only thing that a client can await.</summary>
    public static async Task<T> EventuallyAsync<T>(Func<Task<T>> read, Func<T, bool> condition)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            var value = await read();
            if (condition(value))
            {
                return value;
            }

            if (limit.IsCancellationRequested)
            {
                throw new TimeoutException("The last answer was: " + KubernetesJson.Serialize(value));
            }

            await Task.Delay(50);
        }
    }

    public Task<V1Deployment> DeploymentAsync(string name, Func<V1Deployment, bool> condition) =>
        EventuallyAsync(() => Client.AppsV1.ReadNamespacedDeploymentAsync(name, "default"), condition);

    public async Task<IList<V1Pod>> PodsAsync(string app, Func<IList<V1Pod>, bool> condition) =>
        await EventuallyAsync(async () => (await Client.CoreV1.ListNamespacedPodAsync("default", labelSelector: $"app={app}")).Items, condition);

    public Task<V1Deployment> CreateDeploymentAsync(string name, int replicas, string extra = "", string script = "trap 'exit 0' TERM; while :; do sleep 0.1; done") =>
        Client.AppsV1.CreateNamespacedDeploymentAsync(
            KubernetesYaml.Deserialize<V1Deployment>(
                $$"""
                metadata: { name: {{name}}, labels: { app: {{name}} } }
                spec:
                  replicas: {{replicas}}
                  selector: { matchLabels: { app: {{name}} } }
                  template:
                    metadata: { labels: { app: {{name}} } }
                    spec:
                      terminationGracePeriodSeconds: 5
                      containers:
                      - { name: main, image: busybox, command: [sh, -c, "{{script}}"] }
                {{extra}}
                """),
            "default");
}
