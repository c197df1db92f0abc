namespace AttentionOperator.Gateway.Queueing;

/// <summary>Why a request was not placed.</summary>
internal enum QueueRefusal
{
    /// <summary>As many requests or bytes of the class wait as may wait.</summary>
    QueueFull,

    /// <summary>No replica of the model became ready in time.</summary>
    NoReadyReplica,

    /// <summary>Every replica was busy for as long as the request could wait.</summary>
    Saturated,

    /// <summary>The caller's own deadline passed.</summary>
    DeadlineExceeded,

    /// <summary>The named revision has no ready replica.</summary>
    RevisionNotFound,

    /// <summary>The model was deleted meanwhile.</summary>
    ModelGone,
}
