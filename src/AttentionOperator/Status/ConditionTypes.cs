namespace AttentionOperator.Status;

/// <summary>Types of conditions, as kstatus reads them.</summary>
internal static class ConditionTypes
{
    /// <summary>The model answers requests.</summary>
    public const string Ready = "Ready";

    /// <summary>The operator is on its way to what the spec says.</summary>
    public const string Reconciling = "Reconciling";

    /// <summary>It cannot get there unless something is changed.</summary>
    public const string Stalled = "Stalled";

    /// <summary>It runs with fewer replicas than the spec says; there only while it holds.</summary>
    public const string Limited = "Limited";

    /// <summary>Memory ran out, and the token budget was lowered; there only while it holds.</summary>
    public const string OutOfMemory = "OutOfMemory";
}
