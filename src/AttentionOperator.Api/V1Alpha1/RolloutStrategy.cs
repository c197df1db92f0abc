namespace AttentionOperator.Api.V1Alpha1;

/// <summary>How a new revision takes over.</summary>
public enum RolloutStrategy
{
    /// <summary>Traffic moves in steps, each judged on the objectives.</summary>
    Canary,

    /// <summary>The new revision is brought up beside the old one, previewed, then switched.</summary>
    BlueGreen,

    /// <summary>The old revision is drained before the new one loads; for a single accelerator.</summary>
    Recreate,
}
