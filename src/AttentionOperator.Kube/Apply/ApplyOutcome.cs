namespace AttentionOperator.Kube.Apply;

/// <summary>How an apply ended.</summary>
public enum ApplyOutcome
{
    /// <summary>The live object says so already; no request was made.</summary>
    Unchanged,

    Applied,

    /// <summary>Applied, except for the fields that others own.</summary>
    Yielded,

    /// <summary>Nothing was applied.</summary>
    Conflict,
}
