namespace AttentionOperator.Kube.Apply;

/// <summary>What to do when another manager owns a field that we state with another value.</summary>
public enum ConflictPolicy
{
    /// <summary>Leave the field to its owner and apply the rest: for fields that an autoscaler, an injector or a person may take over.</summary>
    Yield,

    /// <summary>Take the field: for what nobody but us may decide.</summary>
    Force,

    /// <summary>Apply nothing and report the conflict.</summary>
    Report,
}
