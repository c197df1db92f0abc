using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Sandbox.Controllers.Autoscaling;
using AttentionOperator.Sandbox.Controllers.Deployments;
using AttentionOperator.Sandbox.Controllers.Discovery;
using AttentionOperator.Sandbox.Controllers.Disruption;
using AttentionOperator.Sandbox.Controllers.GarbageCollection;
using AttentionOperator.Sandbox.Controllers.Jobs;
using AttentionOperator.Sandbox.Controllers.Namespaces;
using AttentionOperator.Sandbox.Controllers.Nodes;
using AttentionOperator.Sandbox.Controllers.ReplicaSets;
using AttentionOperator.Sandbox.Controllers.ServiceAccounts;
using AttentionOperator.Sandbox.Controllers.Services;
using Microsoft.Extensions.Logging;

namespace AttentionOperator.Sandbox.Controllers;

/// <summary>All controllers with their queues: an ordinary client of the API server, whichever that is.</summary>
internal sealed class ControllerManager : IDisposable
{
    private static readonly TimeSpan OwnWritesTimeout = TimeSpan.FromSeconds(10);
    private readonly List<Func<CancellationToken, Task>> _runs = [];
    private readonly List<IDisposable> _disposables = [];
    private readonly ILoggerFactory _loggers;
    private readonly TimeProvider _time;

    public ControllerManager(
        KubeConnection connection, ClusterCaches caches, ClusterWriter writer, EventRecorder events, ControllerSettings settings, ILoggerFactory loggers, TimeProvider time)
    {
        _loggers = loggers;
        _time = time;
        AddWorkloads(caches, writer, events);
        AddNetwork(caches, writer);
        AddAutoscaler(connection, caches, writer, events, settings);
        AddCluster(connection, caches, writer, events, settings);
    }

    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(_runs.Select(run => run(cancellationToken)));

    public void Dispose() => _disposables.ForEach(d => d.Dispose());

    private static OwnWrites<ObjectKey> Writes(TimeProvider time) => new(OwnWritesTimeout, time);

    private void AddWorkloads(ClusterCaches caches, ClusterWriter writer, EventRecorder events)
    {
        var setWrites = Writes(_time);
        var sets = Add("replicaset", new ReplicaSetReconciler(caches, writer, events, setWrites, _time), setWrites, workers: 8);
        caches.ReplicaSets.AddHandler(e => sets.Queue.Add(e.Key, e.Priority));
        caches.Pods.AddHandler(e =>
        {
            Enqueue(sets, OwnerReferences.ControllerKey(e.Object.Metadata, "ReplicaSet"), e);
            if (e is { Kind: InformerEventKind.Added, New: { } pod } && OwnerReferences.Controller(pod.Metadata) is null && pod.Metadata.Labels is { Count: > 0 })
            {
                EnqueueAdopters(sets, caches, pod);
            }
        });

        var deploymentWrites = Writes(_time);
        var editor = new ReplicaSetEditor(caches, writer, events, deploymentWrites);
        var deployments = Add("deployment", new DeploymentReconciler(caches, writer, editor, deploymentWrites, _time), deploymentWrites, workers: 8);
        caches.Deployments.AddHandler(e => deployments.Queue.Add(e.Key, e.Priority));
        caches.ReplicaSets.AddHandler(e => Enqueue(deployments, OwnerReferences.ControllerKey(e.Object.Metadata, "Deployment"), e));
        caches.Pods.AddHandler(e =>
        {
            // A Recreate rollout waits for the last old pod to go.
            if (e.Kind == InformerEventKind.Deleted
                && OwnerReferences.ControllerKey(e.Object.Metadata, "ReplicaSet") is { } owner
                && caches.ReplicaSets.Get(owner) is { } set)
            {
                Enqueue(deployments, OwnerReferences.ControllerKey(set.Metadata, "Deployment"), e);
            }
        });

        var jobWrites = Writes(_time);
        var jobs = Add("job", new JobReconciler(caches, writer, events, jobWrites, _time), jobWrites, workers: 2);
        caches.Jobs.AddHandler(e => jobs.Queue.Add(e.Key, e.Priority));
        caches.Pods.AddHandler(e => Enqueue(jobs, OwnerReferences.ControllerKey(e.Object.Metadata, "Job"), e));
    }

    private void AddNetwork(ClusterCaches caches, ClusterWriter writer)
    {
        var writes = Writes(_time);
        var slices = Add("endpointslice", new EndpointSliceReconciler(caches, writer, writes), writes, workers: 4);
        caches.Services.AddHandler(e => slices.Queue.Add(e.Key, e.Priority));
        caches.Pods.AddHandler(e =>
        {
            if (e.Old is not null && e.New is not null && !EndpointFacts.Differ(e.Old, e.New))
            {
                return;
            }

            foreach (var pod in new[] { e.Old, e.New }.OfType<k8s.Models.V1Pod>())
            {
                foreach (var service in EndpointSliceReconciler.ServicesOf(caches, pod))
                {
                    slices.Queue.Add(service, e.Priority);
                }
            }
        });
        caches.Slices.AddHandler(e => Enqueue(slices, OwnerReferences.ControllerKey(e.Object.Metadata, "Service"), e));

        var budgetWrites = Writes(_time);
        var budgets = Add("disruption", new DisruptionReconciler(caches, writer, budgetWrites, _time), budgetWrites, workers: 2);
        caches.Budgets.AddHandler(e => budgets.Queue.Add(e.Key, e.Priority));
        caches.Pods.AddHandler(e =>
        {
            foreach (var budget in DisruptionReconciler.BudgetsOf(caches, e.Object))
            {
                budgets.Queue.Add(budget, e.Priority);
            }
        });
    }

    private void AddAutoscaler(KubeConnection connection, ClusterCaches caches, ClusterWriter writer, EventRecorder events, ControllerSettings settings)
    {
        var scales = new ScaleClient(connection, writer.Api);
        var reader = new MetricReader(caches, new MetricsClient(connection), scales);
        var reconciler = new AutoscalerReconciler(caches, writer, events, scales, reader, settings.AutoscalerInterval, _time);
        var autoscalers = Add("horizontalpodautoscaler", reconciler, null, workers: 4);
        caches.Autoscalers.AddHandler(e =>
        {
            // Its own status is no news to it.
            if (e.Old is null || e.New is null || e.Old.Metadata.Generation != e.New.Metadata.Generation || e.New.Metadata.DeletionTimestamp is not null)
            {
                autoscalers.Queue.Add(e.Key, e.Priority);
            }
        });
    }

    private void AddCluster(KubeConnection connection, ClusterCaches caches, ClusterWriter writer, EventRecorder events, ControllerSettings settings)
    {
        var resources = new ApiResources(connection, _loggers.CreateLogger<ApiResources>());
        var namespaces = Add("namespace", new NamespaceReconciler(caches, writer, resources), null, workers: 2);
        var defaults = Add("namespace-defaults", new NamespaceDefaultsReconciler(caches, writer, settings.RootCertificate), null, workers: 2);
        caches.Namespaces.AddHandler(e =>
        {
            namespaces.Queue.Add(e.Key, e.Priority);
            defaults.Queue.Add(e.Key, e.Priority);
        });
        caches.ServiceAccounts.AddHandler(e => defaults.Queue.Add(ObjectKey.Cluster(e.Key.Namespace), e.Priority));

        var nodes = Add("node", new NodeReconciler(caches, writer, events, _time), null, workers: 1);
        caches.Nodes.AddHandler(e => nodes.Queue.Add(e.Key, e.Priority));
        caches.Pods.AddHandler(e =>
        {
            if (e.New?.Spec.NodeName is { Length: > 0 } node && e.Old?.Spec.NodeName != node)
            {
                nodes.Queue.Add(ObjectKey.Cluster(node), e.Priority);
            }
        });

        var collector = new GarbageCollector(connection, _loggers, _time);
        _disposables.Add(collector);
        _runs.Add(collector.RunAsync);
    }

    private Controller<ObjectKey> Add(string name, IReconciler<ObjectKey> reconciler, OwnWrites<ObjectKey>? writes, int workers)
    {
        var controller = new Controller<ObjectKey>(
            reconciler, new ControllerOptions { Name = name, Workers = workers }, _loggers.CreateLogger<Controller<ObjectKey>>(), writes, metrics: null, _time);
        _disposables.Add(controller);
        _runs.Add(controller.RunAsync);
        return controller;
    }

    private static void Enqueue<T>(Controller<ObjectKey> controller, ObjectKey? key, InformerEvent<T> change)
        where T : class
    {
        if (key is { } found)
        {
            controller.Queue.Add(found, change.Priority);
        }
    }

    private static void EnqueueAdopters(Controller<ObjectKey> sets, ClusterCaches caches, k8s.Models.V1Pod pod)
    {
        foreach (var set in caches.ReplicaSets.List().Where(s =>
            s.Metadata.NamespaceProperty == pod.Metadata.NamespaceProperty && Scheduling.LabelMatching.Matches(s.Spec.Selector, pod.Metadata.Labels)))
        {
            sets.Queue.Add(ClusterWriter.KeyOf(set));
        }
    }
}
