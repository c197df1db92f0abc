using AttentionOperator.Api.Naming;
using AttentionOperator.Children;
using k8s.Models;

namespace AttentionOperator.Nodes;

/// <summary>
/// Replaces replicas before they have to leave: as many further ones as there is room for come up elsewhere, and only when they are ready the leaving ones go, drained
/// as any replica that is scaled down. Pure.
/// </summary>
internal static class HandoverPlanner
{
    /// <summary>Pods of a lower cost are deleted first where a ReplicaSet shrinks.</summary>
    public const int LeavingCost = -1000;

    /// <param name="pods">Pods of the stable revision.</param>
    /// <param name="nodes">Nodes that all pods have to leave.</param>
    /// <param name="parts">Desired replicas of each part of the revision.</param>
    /// <param name="room">Replicas beyond the desired ones that there is room for.</param>
    public static HandoverPlan Plan(
        IReadOnlyCollection<V1Pod> pods, IReadOnlyDictionary<string, Departure> nodes, IReadOnlyList<(PodCapacity Capacity, int Replicas)> parts, int room)
    {
        var alive = pods
            .Where(pod => pod.Metadata.DeletionTimestamp is null && pod.Status?.Phase is not ("Succeeded" or "Failed"))
            .Select(pod => (Pod: pod, Leaves: PodDeparture.Of(pod, nodes)))
            .OrderBy(entry => entry.Pod.Metadata.Name, StringComparer.Ordinal)
            .ToList();
        var costs = Costs(alive);
        if (alive.All(entry => entry.Leaves is null))
        {
            return HandoverPlan.None with { Costs = costs };
        }

        var extra = new Dictionary<PodCapacity, int>();
        foreach (var (capacity, replicas) in parts)
        {
            var part = alive.Where(entry => IsOf(entry.Pod, capacity)).ToList();
            var leaving = part.Count(entry => entry.Leaves is not null);
            var ready = part.Count(entry => IsReady(entry.Pod));
            var staying = part.Where(entry => entry.Leaves is null).ToList();

            // While a replacement starts, all of it stays; a ReplicaSet that shrinks would take the one that is not ready first.
            var comeUp = staying.Count(entry => IsReady(entry.Pod)) is var healthy && healthy >= replicas;
            var released = comeUp || (staying.Count == healthy && ready > replicas);
            extra[capacity] = released ? 0 : Math.Min(leaving, Math.Max(0, room));
            room -= extra[capacity];
        }

        return new HandoverPlan
        {
            Extra = extra,
            Costs = costs,
            IsStuck = alive.Any(entry => entry.Leaves is null && entry.Pod.Status?.Conditions?.Any(condition => condition is { Type: "PodScheduled", Status: "False", Reason: "Unschedulable" }) == true),
            Departure = alive.Select(entry => entry.Leaves).First(departure => departure is not null),
            Leaving = alive.Count(entry => entry.Leaves is not null),
        };
    }

    private static Dictionary<string, int?> Costs(IEnumerable<(V1Pod Pod, Departure? Leaves)> pods)
    {
        var costs = new Dictionary<string, int?>(StringComparer.Ordinal);
        var leaving = LeavingCost.ToString(System.Globalization.CultureInfo.InvariantCulture);
        foreach (var (pod, departure) in pods)
        {
            var cost = pod.Metadata.Annotations is { } annotations && annotations.TryGetValue(AnnotationNames.PodDeletionCost, out var text) ? text : null;
            if (departure is not null && cost != leaving)
            {
                costs[pod.Metadata.Name] = LeavingCost;
            }
            else if (departure is null && cost == leaving)
            {
                costs[pod.Metadata.Name] = null;
            }
        }

        return costs;
    }

    private static bool IsOf(V1Pod pod, PodCapacity capacity) =>
        (pod.Metadata.Labels?.TryGetValue(LabelNames.Capacity, out var label) == true ? label : null) == capacity switch
        {
            PodCapacity.Spot => LabelNames.SpotCapacity,
            PodCapacity.OnDemand => LabelNames.OnDemandCapacity,
            _ => null,
        };

    private static bool IsReady(V1Pod pod) => pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;
}
