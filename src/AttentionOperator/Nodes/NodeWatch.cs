using System.Collections.Frozen;
using System.Text.Json;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Kube.Queues;
using AttentionOperator.Observation;
using k8s.Models;

namespace AttentionOperator.Nodes;

/// <summary>Keeps the nodes whose pods have to leave. Nodes are no part of a namespace: an operator of one namespace does not watch them.</summary>
internal sealed class NodeWatch
{
    private readonly SharedInformer<KubeObject>? nodes;
    private readonly ModelCaches caches;
    private volatile FrozenDictionary<string, Departure> departures = FrozenDictionary<string, Departure>.Empty;

    public NodeWatch(InformerFactory factory, ModelCaches caches, string ns)
    {
        this.caches = caches;
        nodes = ns.Length == 0 ? factory.Json(ResourceKinds.Node) : null;
    }

    public bool HasSynced => nodes?.HasSynced ?? true;

    /// <summary>Nodes that all pods have to leave, by name; another instance after every change.</summary>
    public IReadOnlyDictionary<string, Departure> Departures => departures;

    /// <summary>Calls back with the key of each model that has a pod on a node whose departure changed.</summary>
    public void OnChange(Action<ObjectKey, WorkPriority> changed) => nodes?.AddHandler(@event =>
    {
        var name = @event.Key.Name;
        var now = @event.New is { } node ? NodeDiagnosis.Of(node.As<V1Node>()) : null;
        if (departures.GetValueOrDefault(name) == now)
        {
            return;
        }

        var next = departures.ToDictionary(StringComparer.Ordinal);
        next.Remove(name);
        if (now is not null)
        {
            next[name] = now;
        }

        departures = next.ToFrozenDictionary(StringComparer.Ordinal);
        foreach (var pod in caches.Pods.List().Where(pod => NodeOf(pod) == name))
        {
            if (pod.Label(Api.Naming.LabelNames.Model) is { } model)
            {
                changed(new ObjectKey(pod.Key.Namespace, model), WorkPriority.Live);
            }
        }
    });

    public Task RunAsync(CancellationToken cancellation) => nodes?.RunAsync(cancellation) ?? Task.CompletedTask;

    public Task WaitForSyncAsync(CancellationToken cancellation) => nodes?.WaitForSyncAsync(cancellation) ?? Task.CompletedTask;

    private static string? NodeOf(KubeObject pod)
    {
        using var document = pod.Parse();
        return document.RootElement.TryGetProperty("spec", out var spec) && spec.TryGetProperty("nodeName", out var name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;
    }
}
