using System.Collections.Concurrent;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Policies;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Kube.Queues;
using AttentionOperator.Observation;

namespace AttentionOperator.Fleet;

/// <summary>The policies in the caches, and the models of each namespace as far as ceilings need them. It costs nothing while there are no policies.</summary>
internal sealed class FleetView(InformerFactory factory, ModelCaches caches, string ns)
{
    private const string ByNamespace = "namespace";

    private readonly ConcurrentDictionary<string, IReadOnlyList<NamedPolicy>> policiesOf = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<ObjectKey, Demand> demands = new();
    private SharedInformer<KubeObject>? own;
    private SharedInformer<KubeObject>? cluster;
    private SharedInformer<KubeObject>? namespaces;

    public bool HasSynced => All.All(informer => informer.HasSynced);

    private IEnumerable<SharedInformer<KubeObject>> All => ((SharedInformer<KubeObject>?[])[own, cluster, namespaces]).OfType<SharedInformer<KubeObject>>();

    private bool IsEmpty => own is not { Count: > 0 } && cluster is not { Count: > 0 };

    /// <summary>Makes the caches of the policies' kinds that the cluster serves, those of the cluster only where all namespaces are watched; before anything else.</summary>
    public async Task DiscoverAsync(ApiDiscovery discovery, CancellationToken cancellation)
    {
        caches.Models.AddIndex(ByNamespace, model => [model.Key.Namespace]);
        if (await discovery.ServesAsync(ResourceKinds.Policy, cancellation))
        {
            own = factory.Json(ResourceKinds.Policy, new InformerOptions<KubeObject> { Namespace = ns }, ApiNames.FieldManager);
        }

        if (ns.Length == 0 && await discovery.ServesAsync(ResourceKinds.ClusterPolicy, cancellation))
        {
            cluster = factory.Json(ResourceKinds.ClusterPolicy, null, ApiNames.FieldManager);
            namespaces = factory.Json(ResourceKinds.Namespace);
        }
    }

    /// <summary>Calls back with the key of each model that a change of policies, or of a namespace's labels, concerns.</summary>
    public void OnChange(Action<ObjectKey, WorkPriority> changed)
    {
        own?.AddHandler(@event => Concern(@event.Key.Namespace, @event.Priority));
        cluster?.AddHandler(@event => Concern(null, @event.Priority));
        namespaces?.AddHandler(@event =>
        {
            if (cluster is { Count: > 0 })
            {
                Concern(@event.Key.Name, @event.Priority);
            }
        });

        void Concern(string? changedNamespace, WorkPriority priority)
        {
            if (changedNamespace is null)
            {
                policiesOf.Clear();
            }
            else
            {
                policiesOf.TryRemove(changedNamespace, out _);
            }

            foreach (var model in changedNamespace is null ? caches.Models.List() : caches.Models.ByIndex(ByNamespace, changedNamespace))
            {
                changed(model.Key, priority);
            }
        }
    }

    /// <summary>Calls back with the key of each policy that changed; one of the cluster has no namespace.</summary>
    public void OnPolicyChange(Action<ObjectKey, WorkPriority> changed)
    {
        own?.AddHandler(@event => changed(@event.Key, @event.Priority));
        cluster?.AddHandler(@event => changed(@event.Key, @event.Priority));
    }

    public Task RunAsync(CancellationToken cancellation) => Task.WhenAll(All.Select(informer => informer.RunAsync(cancellation)));

    public Task WaitForSyncAsync(CancellationToken cancellation) => Task.WhenAll(All.Select(informer => informer.WaitForSyncAsync(cancellation)));

    /// <summary>The policies that hold for a model, and its share of their ceilings.</summary>
    public PolicyObservation Observe(KubeObject model)
    {
        if (IsEmpty)
        {
            return PolicyObservation.None;
        }

        var policies = PoliciesOf(model.Key.Namespace);
        return policies.Count == 0 ? PolicyObservation.None
            : !CeilingAllocation.Applies(policies) ? new PolicyObservation(policies, null)
            : new PolicyObservation(policies, CeilingAllocation.Of(model.Key.Namespace, DemandsOf(model.Key.Namespace, policies).Select(demand => demand.Model), policies).GetValueOrDefault(model.Key.Name));
    }

    /// <summary>The policy of a key as it is cached.</summary>
    public KubeObject? Policy(ObjectKey key) => key.Namespace.Length == 0 ? cluster?.Get(key) : own?.Get(key);

    /// <summary>The models of each namespace that a policy holds for.</summary>
    public IReadOnlyDictionary<string, (IReadOnlyList<ModelDemand> Models, IReadOnlyCollection<string> Limited)> UsersOf(KubeObject policy)
    {
        IEnumerable<string> selected = policy.Key.Namespace.Length > 0
            ? [policy.Key.Namespace]
            : Read<ClusterAttentionPolicy>(policy) is { } read
                ? caches.Models.List().Select(model => model.Key.Namespace).Distinct().Where(found => PolicySelection.Selects(read.Spec.NamespaceSelector, LabelsOf(found)))
                : [];
        return selected.ToDictionary(
            found => found,
            found =>
            {
                var users = DemandsOf(found, PoliciesOf(found));
                return ((IReadOnlyList<ModelDemand>)[.. users.Select(demand => demand.Model)], (IReadOnlyCollection<string>)[.. users.Where(demand => demand.IsLimited).Select(demand => demand.Model.Name)]);
            },
            StringComparer.Ordinal);
    }

    /// <summary>The policies that hold for a namespace.</summary>
    public IReadOnlyList<NamedPolicy> PoliciesOf(string found) => IsEmpty ? [] : policiesOf.GetOrAdd(found, key => PolicySelection.For(
        key,
        LabelsOf(key),
        (own?.List() ?? []).Where(policy => policy.Key.Namespace == key).Select(Read<AttentionPolicy>).OfType<AttentionPolicy>(),
        (cluster?.List() ?? []).Select(Read<ClusterAttentionPolicy>).OfType<ClusterAttentionPolicy>()));

    private Dictionary<string, string>? LabelsOf(string found) =>
        namespaces?.Get(new ObjectKey("", found))?.Labels.ToDictionary(label => label.Key, label => label.Value, StringComparer.Ordinal);

    private List<Demand> DemandsOf(string found, IReadOnlyList<NamedPolicy> policies)
    {
        var result = new List<Demand>();
        foreach (var model in caches.Models.ByIndex(ByNamespace, found))
        {
            if (!demands.TryGetValue(model.Key, out var demand) || !ReferenceEquals(demand.Version, model) || !ReferenceEquals(demand.Policies, policies))
            {
                demands[model.Key] = demand = new Demand(model, policies, DemandOf(model, policies), Tells(model));
            }

            result.Add(demand);
        }

        return result;
    }

    private static ModelDemand DemandOf(KubeObject model, IReadOnlyList<NamedPolicy> policies) =>
        ModelReader.Read(model) is { SpecError: null, Model: { Spec: { Resources: not null, Rollout: not null } } read }
            ? ModelDemand.Of(read, policies)
            : new ModelDemand { Name = model.Key.Name, Wanted = 0 };

    private static bool Tells(KubeObject model) =>
        ModelReader.Read(model).Model.Status?.Conditions?.Any(condition => condition is { Type: Status.ConditionTypes.Limited, Status: "True" } or { Type: Status.ConditionTypes.Stalled, Reason: nameof(Status.ConditionReason.PolicyViolation) }) == true;

    private static T? Read<T>(KubeObject policy)
        where T : class
    {
        try
        {
            return policy.As<T>();
        }
        catch (System.Text.Json.JsonException)
        {
            return null; // Stored before its definition refused it; the informer's metric counts it.
        }
    }

    private sealed record Demand(KubeObject Version, IReadOnlyList<NamedPolicy> Policies, ModelDemand Model, bool IsLimited);
}
