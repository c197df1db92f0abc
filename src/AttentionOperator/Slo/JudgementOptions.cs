namespace AttentionOperator.Slo;

/// <summary>How a canary is judged (<c>spec.rollout</c>).</summary>
/// <param name="MaxBurnRate">Multiple of the budget's rate that is just tolerable.</param>
/// <param name="Confidence">1 − α: the chance that a revision at the bound is ever condemned is at most α, over all objectives together.</param>
/// <param name="MinRequests">Requests below which nothing is called healthy.</param>
internal sealed record JudgementOptions(double MaxBurnRate = 3, double Confidence = 0.99, long MinRequests = 20);
