namespace AttentionOperator.Sandbox.Controllers.GarbageCollection;

/// <summary>The garbage collector's rule: an object goes when none of its owners stays.</summary>
internal static class CollectionRule
{
    public static CollectionAction Decide(IReadOnlyCollection<OwnerState> owners, bool hasDependents)
    {
        if (owners.Count == 0)
        {
            return CollectionAction.Keep;
        }

        if (owners.Contains(OwnerState.Present))
        {
            return owners.All(o => o == OwnerState.Present) ? CollectionAction.Keep : CollectionAction.Detach;
        }

        return owners.Contains(OwnerState.WaitingForDependents) && hasDependents ? CollectionAction.DeleteForeground : CollectionAction.Delete;
    }
}
