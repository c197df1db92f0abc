using AttentionOperator.Slo;

namespace AttentionOperator.Bench.Rollout;

/// <summary>Decides on one canary from what it is fed; a rule belongs to one simulated rollout.</summary>
internal interface IRule
{
    /// <summary>True once the canary is rolled back.</summary>
    bool Feed(ObjectiveCounts canary, ObjectiveCounts stable);
}
