namespace AttentionOperator.Nodes;

/// <summary>Why a replica has to leave its node.</summary>
internal enum DepartureReason
{
    /// <summary>The node is cordoned: it is drained, or about to be.</summary>
    NodeDraining,

    /// <summary>The cloud takes the node back, or is going to restart it.</summary>
    NodeTermination,

    /// <summary>The node does not answer.</summary>
    NodeUnreachable,

    /// <summary>A device of the pod or of its node is unhealthy.</summary>
    AcceleratorUnhealthy,

    /// <summary>Kubernetes is going to disrupt the pod: preemption, eviction, or a taint.</summary>
    PodDisruption,
}
