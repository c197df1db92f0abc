using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace AttentionOperator.Sandbox.Controllers;

/// <summary>The informers that the controllers, the scheduler and the node agent share.</summary>
internal sealed class ClusterCaches
{
    /// <summary>Index of pods by node name; unscheduled pods are under the empty name.</summary>
    public const string NodeIndex = "node";

    /// <summary>Index of pods without a controller by namespace.</summary>
    public const string OrphanIndex = "orphan";

    private readonly List<Func<CancellationToken, Task>> _runs = [];
    private readonly List<Func<CancellationToken, Task>> _syncs = [];

    public ClusterCaches(KubeConnection connection, ILoggerFactory loggers, TimeProvider time)
    {
        var factory = new InformerFactory(connection, loggers, metrics: null, time);
        Pods = Add(factory.Typed<V1Pod>());
        ReplicaSets = Add(factory.Typed<V1ReplicaSet>());
        Deployments = Add(factory.Typed<V1Deployment>());
        Jobs = Add(factory.Typed<V1Job>());
        Services = Add(factory.Typed<V1Service>());
        Slices = Add(factory.Typed<V1EndpointSlice>());
        Nodes = Add(factory.Typed<V1Node>(resource: ResourceKind.Of<V1Node>(namespaced: false)));
        Namespaces = Add(factory.Typed<V1Namespace>(resource: ResourceKind.Of<V1Namespace>(namespaced: false)));
        ServiceAccounts = Add(factory.Typed<V1ServiceAccount>());
        Claims = Add(factory.Typed<V1PersistentVolumeClaim>());
        Autoscalers = Add(factory.Typed<V2HorizontalPodAutoscaler>());
        Budgets = Add(factory.Typed<V1PodDisruptionBudget>());
        NodeLeases = Add(factory.Typed(new InformerOptions<V1Lease> { Namespace = "kube-node-lease" }));
        Pods.AddIndex(NodeIndex, p => [p.Spec.NodeName ?? string.Empty]);
        Pods.AddIndex(OrphanIndex, p => OwnerReferences.Controller(p.Metadata) is null ? [p.Metadata.NamespaceProperty] : []);
        Pods.AddIndex(SelectorIndex.Name, p => SelectorIndex.OfLabels(p.Metadata));
        Services.AddIndex(SelectorIndex.Name, s => SelectorIndex.OfSelector(s.Metadata.NamespaceProperty, s.Spec.Selector));
        Budgets.AddIndex(SelectorIndex.Name, b => SelectorIndex.OfSelector(b.Metadata.NamespaceProperty, b.Spec.Selector?.MatchLabels));
    }

    public SharedInformer<V1Pod> Pods { get; }

    public SharedInformer<V1ReplicaSet> ReplicaSets { get; }

    public SharedInformer<V1Deployment> Deployments { get; }

    public SharedInformer<V1Job> Jobs { get; }

    public SharedInformer<V1Service> Services { get; }

    public SharedInformer<V1EndpointSlice> Slices { get; }

    public SharedInformer<V1Node> Nodes { get; }

    public SharedInformer<V1Namespace> Namespaces { get; }

    public SharedInformer<V1ServiceAccount> ServiceAccounts { get; }

    public SharedInformer<V1PersistentVolumeClaim> Claims { get; }

    public SharedInformer<V2HorizontalPodAutoscaler> Autoscalers { get; }

    public SharedInformer<V1PodDisruptionBudget> Budgets { get; }

    public SharedInformer<V1Lease> NodeLeases { get; }

    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(_runs.Select(run => run(cancellationToken)));

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => Task.WhenAll(_syncs.Select(sync => sync(cancellationToken)));

    private SharedInformer<T> Add<T>(SharedInformer<T> informer)
        where T : class
    {
        _runs.Add(informer.RunAsync);
        _syncs.Add(informer.WaitForSyncAsync);
        return informer;
    }
}
