namespace AttentionOperator.Rollouts;

/// <summary>Reasons of rollouts: the same word in conditions, events and metrics.</summary>
internal enum RolloutReason
{
    /// <summary>A new revision was created and is coming up.</summary>
    RevisionCreated,

    /// <summary>Traffic moved to another revision.</summary>
    TrafficSwitched,

    /// <summary>A revision without traffic was removed.</summary>
    RevisionRemoved,

    /// <summary>The new revision did not become ready in time.</summary>
    ProgressDeadlineExceeded,
}
