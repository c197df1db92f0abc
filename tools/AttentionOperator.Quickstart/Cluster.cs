using System.Text;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace AttentionOperator.Quickstart;

/// <summary>What the quickstart does with the Kubernetes API: apply a model, watch it.</summary>
internal sealed class Cluster(string kubeConfig) : IDisposable
{
    private const string Manager = "quickstart";
    private static readonly ResourceKind Models = ResourceKind.Of<AttentionModel>();
    private readonly KubeConnection _connection = KubeConnection.Create(new KubeConnectionOptions { KubeConfig = kubeConfig, UserAgent = Manager });

    /// <summary>Server-side apply of a file that holds one AttentionModel; the API takes YAML as it is.</summary>
    public async Task<ObjectKey> ApplyAsync(string file, CancellationToken cancellation)
    {
        var yaml = await File.ReadAllTextAsync(file, cancellation);
        var model = KubernetesYaml.Deserialize<AttentionModel>(yaml);
        var key = new ObjectKey(model.Metadata.NamespaceProperty ?? _connection.Namespace, model.Metadata.Name);
        await new KubeApi(_connection).ApplyAsync(Models, key, Encoding.UTF8.GetBytes(yaml), Manager, force: true, subresource: null, cancellation);
        return key;
    }

    /// <summary>Base URL of the OpenAI API from outside the cluster: the gateway's Service, whose address the Sandbox serves on the loopback interface.</summary>
    public async Task<string> GatewayUrlAsync(CancellationToken cancellation)
    {
        var services = await _connection.Client.CoreV1.ListServiceForAllNamespacesAsync(labelSelector: $"{LabelNames.AppComponent}={LabelNames.GatewayComponent}", cancellationToken: cancellation);
        var service = services.Items.FirstOrDefault(s => !string.IsNullOrEmpty(s.Spec.ClusterIP)) ?? throw new QuickstartException("The gateway's Service is missing or has no address.");
        return $"http://{service.Spec.ClusterIP}:{service.Spec.Ports.First(p => p.Name == PortNames.Http).Port}/v1";
    }

    /// <summary>Completes when every Deployment of the product has its replicas ready.</summary>
    public Task WaitForProductAsync(CancellationToken cancellation)
    {
        var waiting = new HashSet<string>(StringComparer.Ordinal) { LabelNames.OperatorComponent, LabelNames.GatewayComponent };
        return WatchAsync<V1Deployment, bool>("", deployment =>
        {
            if (deployment.Status?.ReadyReplicas >= deployment.Spec.Replicas && deployment.GetLabel(LabelNames.AppComponent) is { } component) waiting.Remove(component);
            return waiting.Count == 0 ? true : null;
        }, cancellation);
    }

    /// <summary>Reports each change of the Ready condition, and completes when it is True.</summary>
    public Task WaitForReadyAsync(ObjectKey key, Action<string> report, CancellationToken cancellation)
    {
        var last = "";
        return WatchAsync<AttentionModel, bool>(key.Namespace, model =>
        {
            if (model.Metadata.Name != key.Name || model.Status?.Conditions?.FirstOrDefault(c => c.Type == "Ready") is not { } condition) return null;
            var line = condition.Status == "True" ? "ready" : $"{condition.Reason}: {condition.Message}";
            if (line != last) report(last = line);
            return condition.Status == "True" && model.Status.ObservedGeneration >= model.Metadata.Generation ? true : null;
        }, cancellation);
    }

    /// <summary>Shows every object, as it is and as it changes, to <paramref name="look"/> until that returns something.</summary>
    private async Task<TResult> WatchAsync<T, TResult>(string ns, Func<T, TResult?> look, CancellationToken cancellation)
        where T : class, IKubernetesObject<V1ObjectMeta>
        where TResult : struct
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var found = new TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var informer = new InformerFactory(_connection, NullLoggerFactory.Instance).Typed(new InformerOptions<T> { Namespace = ns });
        informer.AddHandler(change =>
        {
            if (change.New is { } value && look(value) is { } result) found.TrySetResult(result);
        });
        var run = informer.RunAsync(stop.Token);
        try
        {
            return await found.Task.WaitAsync(cancellation);
        }
        finally
        {
            await stop.CancelAsync();
            await run;
        }
    }

    public void Dispose() => _connection.Dispose();
}
