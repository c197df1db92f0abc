using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Slo;

/// <summary>Where the reconciler gets the judgement on a model's canary from; it answers from memory, and never waits.</summary>
internal interface ICanaryJudgements
{
    /// <summary>The judgement on <c>status.rollout.revision</c> against <c>status.stableRevision</c>; null where nothing is judged.</summary>
    CanaryJudgement? Judge(AttentionModel model);
}
