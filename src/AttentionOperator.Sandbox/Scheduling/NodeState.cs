using k8s.Models;

namespace AttentionOperator.Sandbox.Scheduling;

/// <summary>A node with the pods that are bound to it, or about to be.</summary>
internal sealed class NodeState(V1Node node)
{
    private readonly Dictionary<string, (V1Pod Pod, ResourceAmounts Requests)> _pods = new(StringComparer.Ordinal);

    public V1Node Node { get; set; } = node;

    public string Name => Node.Metadata.Name;

    public ResourceAmounts Requested { get; } = new();

    public ResourceAmounts Allocatable => ResourceAmounts.Of(Node.Status?.Allocatable ?? Node.Status?.Capacity);

    public IEnumerable<V1Pod> Pods => _pods.Values.Select(p => p.Pod);

    public int PodCount => _pods.Count;

    public void Add(V1Pod pod)
    {
        Remove(pod.Metadata.Uid);
        var requests = PodRequests.Of(pod);
        _pods[pod.Metadata.Uid] = (pod, requests);
        Requested.Add(requests);
    }

    public void Remove(string uid)
    {
        if (_pods.Remove(uid, out var pod))
        {
            Requested.Subtract(pod.Requests);
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
}
