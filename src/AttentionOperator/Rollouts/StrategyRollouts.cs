namespace AttentionOperator.Rollouts;

/// <summary>
/// Rolls revisions out by the strategy of their spec, judges them on its objectives, and takes back what is condemned. One pass looks at what is, never at
/// how it came about: a restart or a change of leaders between any two passes makes no difference.
/// </summary>
internal sealed class StrategyRollouts : IRolloutPlanner
{
    /// <summary>How long a revision is kept after its traffic was taken away: status reaches the gateways, and short requests end.</summary>
    public static readonly TimeSpan DrainDelay = TimeSpan.FromSeconds(5);

    /// <summary>The least time at a weight: every gateway has seen it, and has sent some requests by it.</summary>
    public static readonly TimeSpan LeastHold = TimeSpan.FromSeconds(5);

    /// <summary>How often evidence is written while nothing else changes; in between it is the gateways that remember.</summary>
    public static readonly TimeSpan EvidenceInterval = TimeSpan.FromSeconds(10);

    public RolloutDecision Plan(RolloutSituation situation) => new RolloutPass(situation).Plan();
}
