using k8s.Models;

namespace AttentionOperator.Sandbox.Scheduling;

/// <summary>A node with the pods that are bound to it, or about to be.</summary>
internal sealed class NodeState
{
    private readonly Dictionary<string, (V1Pod Pod, ResourceAmounts Requests)> _pods = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, V1Pod>> _byNamespace = new(StringComparer.Ordinal);
    private readonly Dictionary<string, V1Pod> _repelling = new(StringComparer.Ordinal);
    private V1Node _node;

    public NodeState(V1Node node)
    {
        _node = node;
        Allocatable = AllocatableOf(node);
    }

    public V1Node Node
    {
        get => _node;
        set
        {
            _node = value;
            Allocatable = AllocatableOf(value);
        }
    }

    public string Name => Node.Metadata.Name;

    public ResourceAmounts Requested { get; } = new();

    public ResourceAmounts Allocatable { get; private set; }

    public IEnumerable<V1Pod> Pods => _pods.Values.Select(p => p.Pod);

    /// <summary>Pods that keep others away by required anti-affinity.</summary>
    public IReadOnlyCollection<V1Pod> RepellingPods => _repelling.Values;

    public int PodCount => _pods.Count;

    public IReadOnlyCollection<V1Pod> PodsOf(string @namespace) => _byNamespace.TryGetValue(@namespace, out var pods) ? pods.Values : [];

    public void Add(V1Pod pod)
    {
        var uid = pod.Metadata.Uid;
        Remove(uid);
        var requests = PodRequests.Of(pod);
        _pods[uid] = (pod, requests);
        Requested.Add(requests);
        if (!_byNamespace.TryGetValue(pod.Metadata.NamespaceProperty, out var neighbours))
        {
            _byNamespace[pod.Metadata.NamespaceProperty] = neighbours = new(StringComparer.Ordinal);
        }

        neighbours[uid] = pod;
        if (pod.Spec.Affinity?.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution is { Count: > 0 })
        {
            _repelling[uid] = pod;
        }
    }

    public void Remove(string uid)
    {
        if (!_pods.Remove(uid, out var gone))
        {
            return;
        }

        Requested.Subtract(gone.Requests);
        _repelling.Remove(uid);
        var @namespace = gone.Pod.Metadata.NamespaceProperty;
        var neighbours = _byNamespace[@namespace];
        neighbours.Remove(uid);
        if (neighbours.Count == 0)
        {
            _byNamespace.Remove(@namespace);
        }
    }

    /// <summary>The same node without some of its pods, to see what would fit.</summary>
    public NodeState Without(IEnumerable<V1Pod> pods)
    {
        var gone = pods.Select(p => p.Metadata.Uid).ToHashSet(StringComparer.Ordinal);
        var copy = new NodeState(Node);
        foreach (var pod in Pods.Where(p => !gone.Contains(p.Metadata.Uid)))
        {
            copy.Add(pod);
        }

        return copy;
    }

    private static ResourceAmounts AllocatableOf(V1Node node) => ResourceAmounts.Of(node.Status?.Allocatable ?? node.Status?.Capacity);
}
