using k8s.Models;

namespace AttentionOperator.Sandbox.Scheduling;

/// <summary>Nodes with their pods, kept up to date by events; a pod counts as placed from the moment the scheduler has decided.</summary>
internal sealed class ClusterState
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, NodeState> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (V1Pod Pod, string Node)> _placed = new(StringComparer.Ordinal);

    public void SetNode(V1Node node)
    {
        lock (_gate)
        {
            if (_nodes.TryGetValue(node.Metadata.Name, out var state))
            {
                state.Node = node;
                return;
            }

            state = _nodes[node.Metadata.Name] = new NodeState(node);
            foreach (var (pod, _) in _placed.Values.Where(p => p.Node == node.Metadata.Name))
            {
                state.Add(pod);
            }
        }
    }

    public void RemoveNode(string name)
    {
        lock (_gate)
        {
            _nodes.Remove(name);
        }
    }

    /// <summary>Takes in a pod as the cache shows it. A finished pod frees what it held.</summary>
    public void SetPod(V1Pod pod)
    {
        lock (_gate)
        {
            if (pod.Status?.Phase is "Succeeded" or "Failed")
            {
                Remove_NeedsLock(pod.Metadata.Uid);
            }
            else if (!string.IsNullOrEmpty(pod.Spec.NodeName))
            {
                Place_NeedsLock(pod, pod.Spec.NodeName);
            }
        }
    }

    public void Assume(V1Pod pod, string node)
    {
        lock (_gate)
        {
            Place_NeedsLock(pod, node);
        }
    }

    public void RemovePod(string uid)
    {
        lock (_gate)
        {
            Remove_NeedsLock(uid);
        }
    }

    /// <summary>Decides about a pod with nothing changing meanwhile; a decision for a node is taken down at once.</summary>
    public Placement Place(V1Pod pod)
    {
        lock (_gate)
        {
            var placement = PlacementPlanner.Plan(pod, _nodes.Values);
            if (placement.Node is { } node)
            {
                Place_NeedsLock(pod, node);
            }

            return placement;
        }
    }

    private void Place_NeedsLock(V1Pod pod, string node)
    {
        Remove_NeedsLock(pod.Metadata.Uid);
        _placed[pod.Metadata.Uid] = (pod, node);
        if (_nodes.TryGetValue(node, out var state))
        {
            state.Add(pod);
        }
    }

    private void Remove_NeedsLock(string uid)
    {
        if (_placed.Remove(uid, out var before) && _nodes.TryGetValue(before.Node, out var state))
        {
            state.Remove(uid);
        }
    }
}
