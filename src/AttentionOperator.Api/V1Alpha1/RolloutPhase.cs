namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Where a rollout is.</summary>
public enum RolloutPhase
{
    /// <summary>The new revision is coming up, or traffic moves to it in steps.</summary>
    Progressing,

    /// <summary>It waits for an approval, for evidence, or for the end of a pause.</summary>
    Paused,

    /// <summary>All traffic is on the new revision; the previous one stays warm.</summary>
    Baking,

    /// <summary>Done.</summary>
    Completed,

    /// <summary>Condemned or aborted; traffic is on the stable revision.</summary>
    RolledBack,
}
