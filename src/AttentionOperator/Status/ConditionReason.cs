namespace AttentionOperator.Status;

/// <summary>
/// Reasons of the conditions Ready, Reconciling and Stalled; beside them stand <c>PodFailureReason</c>, <c>StartFailureReason</c> and
/// <c>RolloutReason</c>. The same word is in the event.
/// </summary>
internal enum ConditionReason
{
    /// <summary>Ready: at least one replica of the revision that has traffic is ready.</summary>
    Serving,

    /// <summary>Ready: no replica is asked for.</summary>
    ScaledToZero,

    /// <summary>Not ready, or reconciling: the first replicas are coming up.</summary>
    Starting,

    /// <summary>Not ready: replicas were ready and none is now.</summary>
    NoReadyReplicas,

    /// <summary>Reconciling: another revision is coming up.</summary>
    RolloutInProgress,

    /// <summary>Reconciling: the number of ready replicas is not the desired one.</summary>
    Scaling,

    /// <summary>Neither reconciling nor stalled: everything is as the spec says.</summary>
    Settled,

    /// <summary>Not stalled, because something is going on.</summary>
    Progressing,

    /// <summary>Not reconciling, because something must be changed first.</summary>
    Stalled,

    /// <summary>Stalled: the spec cannot be carried out; nothing is changed until it is corrected.</summary>
    InvalidSpec,

    /// <summary>Stalled: a policy forbids what the spec says; what runs goes on as it is.</summary>
    PolicyViolation,

    /// <summary>Limited: a policy's ceiling leaves no room for all replicas. Not ready and stalled: for none.</summary>
    CeilingReached,

    /// <summary>Stalled: an object of a child's name exists that the model does not own.</summary>
    NameTaken,

    /// <summary>Stalled: the API server refused a child; it is tried again.</summary>
    ApplyFailed,
}
