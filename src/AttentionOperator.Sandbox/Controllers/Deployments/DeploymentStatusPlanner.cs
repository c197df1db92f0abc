using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers.Deployments;

/// <summary>A Deployment's status from its ReplicaSets, the progress of its rollout included.</summary>
internal static class DeploymentStatusPlanner
{
    public static V1DeploymentStatus Plan(V1Deployment deployment, V1ReplicaSet? current, IReadOnlyList<V1ReplicaSet> old, DateTime now)
    {
        List<V1ReplicaSet> all = current is null ? [.. old] : [current, .. old];
        var counts = Counts(deployment, current, all);
        var conditions = deployment.Status?.Conditions?.ToList() ?? [];
        conditions = SetAvailable(deployment, counts, conditions, now);
        if (deployment.Spec.Paused != true && current is not null)
        {
            conditions = SetProgressing(deployment, current, counts, conditions, now);
        }

        return counts with { Conditions = conditions };
    }

    /// <summary>All pods are new, available, and none of the old are left.</summary>
    public static bool IsComplete(V1Deployment deployment, V1DeploymentStatus status)
    {
        var replicas = deployment.Spec.Replicas ?? 1;
        return (status.UpdatedReplicas ?? 0) == replicas && (status.Replicas ?? 0) == replicas && (status.AvailableReplicas ?? 0) == replicas;
    }

    /// <summary>When a rollout that stands still will have failed; null where none is under way.</summary>
    public static DateTime? Deadline(V1Deployment deployment, IEnumerable<V1DeploymentCondition>? conditions)
    {
        var progressing = DeploymentConditions.Find(conditions, DeploymentConditions.Progressing);
        return progressing is { LastUpdateTime: { } since } && progressing.Reason is not (DeploymentConditions.Complete or DeploymentConditions.DeadlineExceeded)
            && deployment.Spec.ProgressDeadlineSeconds is { } seconds and not int.MaxValue && deployment.Spec.Paused != true
                ? since + TimeSpan.FromSeconds(seconds)
                : null;
    }

    private static V1DeploymentStatus Counts(V1Deployment deployment, V1ReplicaSet? current, List<V1ReplicaSet> all)
    {
        var replicas = all.Sum(r => r.Status?.Replicas ?? 0);
        var available = all.Sum(r => r.Status?.AvailableReplicas ?? 0);
        return new V1DeploymentStatus
        {
            ObservedGeneration = deployment.Metadata.Generation,
            Replicas = replicas,
            UpdatedReplicas = current?.Status?.Replicas ?? 0,
            ReadyReplicas = all.Sum(r => r.Status?.ReadyReplicas ?? 0),
            AvailableReplicas = available,
            UnavailableReplicas = Math.Max(0, all.Sum(r => r.Spec.Replicas ?? 0) - available),
            CollisionCount = deployment.Status?.CollisionCount,
        };
    }

    private static List<V1DeploymentCondition> SetAvailable(
        V1Deployment deployment, V1DeploymentStatus counts, List<V1DeploymentCondition> conditions, DateTime now)
    {
        var minimum = (deployment.Spec.Replicas ?? 1) - RolloutBounds.Of(deployment.Spec).MaxUnavailable;
        return (counts.AvailableReplicas ?? 0) >= minimum
            ? DeploymentConditions.Set(conditions, DeploymentConditions.Available, "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", now)
            : DeploymentConditions.Set(conditions, DeploymentConditions.Available, "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", now);
    }

    private static List<V1DeploymentCondition> SetProgressing(
        V1Deployment deployment, V1ReplicaSet current, V1DeploymentStatus counts, List<V1DeploymentCondition> conditions, DateTime now)
    {
        var before = DeploymentConditions.Find(conditions, DeploymentConditions.Progressing);
        var name = current.Metadata.Name;
        if (IsComplete(deployment, counts))
        {
            return DeploymentConditions.Set(
                conditions, DeploymentConditions.Progressing, "True", DeploymentConditions.Complete, $"ReplicaSet \"{name}\" has successfully progressed.", now);
        }

        if (HasProgressed(deployment.Status, counts))
        {
            // Every step forward renews the time from which the deadline counts, so the condition is written anew.
            conditions = [.. conditions.Where(c => c.Type != DeploymentConditions.Progressing)];
            var next = DeploymentConditions.Set(
                conditions, DeploymentConditions.Progressing, "True", DeploymentConditions.Updated, $"ReplicaSet \"{name}\" is progressing.", now);
            if (before?.Status == "True" && before.LastTransitionTime is { } transition)
            {
                next[^1].LastTransitionTime = transition;
            }

            return next;
        }

        return Deadline(deployment, conditions) is { } deadline && now >= deadline
            ? DeploymentConditions.Set(
                conditions, DeploymentConditions.Progressing, "False", DeploymentConditions.DeadlineExceeded, $"ReplicaSet \"{name}\" has timed out progressing.", now)
            : conditions;
    }

    private static bool HasProgressed(V1DeploymentStatus? before, V1DeploymentStatus after)
    {
        var oldBefore = (before?.Replicas ?? 0) - (before?.UpdatedReplicas ?? 0);
        var oldAfter = (after.Replicas ?? 0) - (after.UpdatedReplicas ?? 0);
        return (after.UpdatedReplicas ?? 0) > (before?.UpdatedReplicas ?? 0)
            || oldAfter < oldBefore
            || (after.ReadyReplicas ?? 0) > (before?.ReadyReplicas ?? 0)
            || (after.AvailableReplicas ?? 0) > (before?.AvailableReplicas ?? 0);
    }
}
