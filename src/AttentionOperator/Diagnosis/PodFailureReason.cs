namespace AttentionOperator.Diagnosis;

/// <summary>What Kubernetes says about a pod that does not start; beside them stand the runtime's own <c>StartFailureReason</c>s.</summary>
internal enum PodFailureReason
{
    /// <summary>The container ends again and again without saying why.</summary>
    CrashLoop,

    /// <summary>The kernel ended the container because it used more memory than its limit.</summary>
    OutOfMemoryKilled,

    /// <summary>The image cannot be pulled.</summary>
    ImagePullFailed,

    /// <summary>The container cannot be created from its specification.</summary>
    ContainerConfigInvalid,

    /// <summary>A volume cannot be mounted: a claim, ConfigMap or directory is missing.</summary>
    VolumeMountFailed,

    /// <summary>The pod downloads its model; it will start when that is done.</summary>
    FetchingModel,

    /// <summary>No node fits.</summary>
    Unschedulable,

    /// <summary>The kubelet or the node's pressure evicted the pod.</summary>
    Evicted,
}
