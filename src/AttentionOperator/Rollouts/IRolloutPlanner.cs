namespace AttentionOperator.Rollouts;

/// <summary>
/// Decides which revisions run, with how many replicas, and how traffic is split. A pure function: it owns no client, clock or logger,
/// and everything that it must remember is in the decision's status, which comes back as the next situation's.
/// </summary>
internal interface IRolloutPlanner
{
    RolloutDecision Plan(RolloutSituation situation);
}
