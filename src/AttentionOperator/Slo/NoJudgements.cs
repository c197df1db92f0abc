using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Slo;

/// <summary>For installations without a source of counters.</summary>
internal sealed class NoJudgements : ICanaryJudgements
{
    public CanaryJudgement? Judge(AttentionModel model) => null;
}
