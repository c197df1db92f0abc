namespace AttentionOperator.Scaling;

/// <summary>Why the operator itself changed the number of replicas, or does not; the word is in the event.</summary>
internal enum ScalingReason
{
    /// <summary>The load asks for more replicas (mode Operator), or the bounds do.</summary>
    ScaledUp,

    /// <summary>The load has asked for fewer replicas for long enough (mode Operator), or the bounds do.</summary>
    ScaledDown,

    /// <summary>Nobody has asked for the model for <c>scaling.idleTimeout</c>.</summary>
    ScaledToZero,

    /// <summary>Somebody asks for a model that is scaled to zero.</summary>
    WokenUp,

    /// <summary>The load cannot be read, so no replica is taken away.</summary>
    LoadUnknown,
}
