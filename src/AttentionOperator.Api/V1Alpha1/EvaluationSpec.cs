using System.Text.Json.Serialization;
using AttentionOperator.Api.Schema;
using AttentionOperator.Api.Serialization;
using k8s.Models;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>A golden set that a canary must pass before it gets traffic.</summary>
public sealed record EvaluationSpec
{
    /// <summary>ConfigMap with the cases.</summary>
    [RequiredField]
    public V1LocalObjectReference ConfigMapRef { get; init; } = new();

    /// <summary>How answers are scored.</summary>
    public EvaluationMetric Metric { get; init; } = EvaluationMetric.ExactMatch;

    /// <summary>Least score (greatest, for Perplexity).</summary>
    [RequiredField]
    [Decimal]
    [JsonConverter(typeof(IntOrStringConverter))]
    public string Bound { get; init; } = "";
}
