namespace AttentionOperator.Sandbox.Controllers.GarbageCollection;

/// <summary>What becomes of an object, given its owners.</summary>
internal enum CollectionAction
{
    Keep,

    /// <summary>Drop the references to owners that are gone; others still hold the object.</summary>
    Detach,

    /// <summary>Delete it, and its own dependents in the background.</summary>
    Delete,

    /// <summary>Delete it in the foreground, so that an owner that waits sees the whole tree go.</summary>
    DeleteForeground,
}
