using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers.Deployments;

/// <summary>A Deployment's conditions: Available, Progressing, ReplicaFailure.</summary>
internal static class DeploymentConditions
{
    public const string Available = "Available";
    public const string Progressing = "Progressing";
    public const string ReplicaFailure = "ReplicaFailure";
    public const string DeadlineExceeded = "ProgressDeadlineExceeded";
    public const string Complete = "NewReplicaSetAvailable";
    public const string Updated = "ReplicaSetUpdated";
    public const string Created = "NewReplicaSetCreated";
    public const string Found = "FoundNewReplicaSet";
    public const string Paused = "DeploymentPaused";
    public const string Resumed = "DeploymentResumed";

    public static V1DeploymentCondition? Find(IEnumerable<V1DeploymentCondition>? conditions, string type) =>
        conditions?.FirstOrDefault(c => c.Type == type);

    /// <summary>The list with one condition replaced; its times move only as Kubernetes moves them.</summary>
    public static List<V1DeploymentCondition> Set(
        IEnumerable<V1DeploymentCondition>? conditions, string type, string status, string reason, string message, DateTime now)
    {
        var list = (conditions ?? []).ToList();
        var before = Find(list, type);
        if (before is not null && before.Status == status && before.Reason == reason && before.Message == message)
        {
            return list;
        }

        var after = new V1DeploymentCondition
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = message,
            LastUpdateTime = now,
            LastTransitionTime = before?.Status == status ? before.LastTransitionTime : now,
        };
        list.RemoveAll(c => c.Type == type);
        list.Add(after);
        return list;
    }
}
