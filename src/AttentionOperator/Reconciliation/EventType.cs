namespace AttentionOperator.Reconciliation;

/// <summary>Kubernetes' types of events.</summary>
internal enum EventType
{
    /// <summary>Expected.</summary>
    Normal,

    /// <summary>Someone should look.</summary>
    Warning,
}
