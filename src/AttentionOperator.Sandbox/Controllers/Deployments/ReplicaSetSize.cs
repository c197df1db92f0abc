namespace AttentionOperator.Sandbox.Controllers.Deployments;

/// <summary>The numbers of one ReplicaSet that a rollout counts with.</summary>
/// <param name="Desired">spec.replicas.</param>
/// <param name="Existing">status.replicas.</param>
/// <param name="Available">status.availableReplicas.</param>
internal readonly record struct ReplicaSetSize(string Name, int Desired, int Existing, int Available)
{
    /// <summary>The available pods that stay: a status may still count pods that the set has been told to give up.</summary>
    public int AvailableToStay => Math.Min(Available, Desired);
}
