namespace AttentionOperator.Sandbox.Controllers.GarbageCollection;

/// <summary>What is known about one owner of an object.</summary>
internal enum OwnerState
{
    /// <summary>It is there and stays.</summary>
    Present,

    /// <summary>There is none with that identity.</summary>
    Absent,

    /// <summary>It is being deleted in the foreground and waits for its dependents.</summary>
    WaitingForDependents,
}
