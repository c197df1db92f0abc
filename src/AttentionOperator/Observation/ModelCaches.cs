using AttentionOperator.Api.Naming;
using AttentionOperator.Children;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Observation;

/// <summary>The caches that decisions are made from: AttentionModels, what they own, and the pods of their revisions.</summary>
internal sealed class ModelCaches
{
    private const string PodsOfModel = "model";

    private readonly Dictionary<ResourceKind, SharedInformer<KubeObject>> owned;
    private readonly InformerFactory factory;
    private readonly InformerOptions<KubeObject> children;

    /// <param name="factory">Makes the informers.</param>
    /// <param name="ns">Namespace to watch; empty for all.</param>
    public ModelCaches(InformerFactory factory, string ns)
    {
        Models = factory.Json(ResourceKinds.Model, new InformerOptions<KubeObject> { Namespace = ns }, ApiNames.FieldManager);
        this.factory = factory;
        children = new InformerOptions<KubeObject> { Namespace = ns, LabelSelector = ChildLabels.ManagedSelector };
        owned = ResourceKinds.Owned.ToDictionary(resource => resource, resource => factory.Json(resource, children, ApiNames.FieldManager));
        Pods = factory.Json(ResourceKinds.Pod, new InformerOptions<KubeObject> { Namespace = ns, LabelSelector = ChildLabels.ManagedSelector, Trim = PodTrim.Apply });
        Pods.AddIndex(PodsOfModel, pod => (pod.Label(LabelNames.Model) ?? pod.Label(LabelNames.EvaluationOf)) is { } model ? [new ObjectKey(pod.Key.Namespace, model).ToString()] : []);
    }

    public SharedInformer<KubeObject> Models { get; }

    public SharedInformer<KubeObject> Pods { get; }

    /// <summary>Kinds of <see cref="ResourceKinds.Optional"/> that the cluster does not serve.</summary>
    public IReadOnlyList<ResourceKind> Unserved { get; private set; } = [];

    /// <summary>Adds the caches of kinds that this cluster serves and others do not; before anything else.</summary>
    public async Task DiscoverAsync(ApiDiscovery discovery, CancellationToken cancellation)
    {
        foreach (var resource in ResourceKinds.Optional)
        {
            if (await discovery.ServesAsync(resource, cancellation))
            {
                owned[resource] = factory.Json(resource, children, ApiNames.FieldManager);
            }
        }

        Unserved = [.. ResourceKinds.Optional.Where(resource => !owned.ContainsKey(resource))];
    }

    public bool HasSynced => All.All(informer => informer.HasSynced);

    private IEnumerable<SharedInformer<KubeObject>> All => [Models, Pods, .. owned.Values];

    public SharedInformer<KubeObject> Owned(ResourceKind resource) => owned[resource];

    /// <summary>Calls back with the key of each model that something happened to.</summary>
    public void OnChange(Action<ObjectKey, Kube.Queues.WorkPriority> changed)
    {
        Models.AddHandler(@event => changed(@event.Key, @event.Priority));
        Pods.AddHandler(@event =>
        {
            if ((@event.Object.Label(LabelNames.Model) ?? @event.Object.Label(LabelNames.EvaluationOf)) is { } model)
            {
                changed(new ObjectKey(@event.Key.Namespace, model), @event.Priority);
            }
        });
        foreach (var informer in owned.Values)
        {
            informer.AddHandler(@event =>
            {
                foreach (var owner in @event.Object.Owners.Where(owner => owner.Kind == ApiNames.Kind))
                {
                    changed(new ObjectKey(@event.Key.Namespace, owner.Name), @event.Priority);
                }
            });
        }
    }

    /// <summary>What the caches hold of one model and its children now.</summary>
    public PassInputs Gather(KubeObject model)
    {
        var children = new List<KubeObject>(owned.Count);
        foreach (var informer in owned.Values)
        {
            children.AddRange(informer.ByIndex(IndexNames.Owner, model.Uid));
        }

        return new PassInputs(model, children, Pods.ByIndex(PodsOfModel, model.Key.ToString()));
    }

    /// <summary>The cached pods of a model.</summary>
    public IReadOnlyList<KubeObject> PodsOf(ObjectKey model) => Pods.ByIndex(PodsOfModel, model.ToString());

    public Task RunAsync(CancellationToken cancellation) => Task.WhenAll(All.Select(informer => informer.RunAsync(cancellation)));

    public Task WaitForSyncAsync(CancellationToken cancellation) => Task.WhenAll(All.Select(informer => informer.WaitForSyncAsync(cancellation)));
}
