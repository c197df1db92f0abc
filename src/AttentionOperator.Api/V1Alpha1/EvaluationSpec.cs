namespace AttentionOperator.Api.V1Alpha1;

/// <summary>A golden set that a canary must pass before it gets traffic.</summary>
public sealed record EvaluationSpec
{
    /// <summary>ConfigMap with the cases.</summary>
    public string ConfigMap { get; init; } = "";

    /// <summary>ExactMatch, F1, RougeL, Perplexity or Cosine.</summary>
    public string Metric { get; init; } = "ExactMatch";

    /// <summary>Least score (greatest, for Perplexity).</summary>
    public string Bound { get; init; } = "0.9";
}
