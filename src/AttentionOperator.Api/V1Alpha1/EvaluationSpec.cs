using System.Text.Json.Serialization;
using AttentionOperator.Api.Schema;
using AttentionOperator.Api.Serialization;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>A golden set that a canary must pass before it gets traffic; its cases come from exactly one of <c>cases</c>, <c>configMapRef</c> and <c>uri</c>.</summary>
[CelRule(
    "(has(self.cases) ? 1 : 0) + (has(self.configMapRef) ? 1 : 0) + (has(self.uri) ? 1 : 0) == 1",
    "rollout.evaluation must have exactly one of cases, configMapRef and uri")]
public sealed record EvaluationSpec
{
    /// <summary>The cases themselves.</summary>
    [Length(64, 1)]
    public IReadOnlyList<EvaluationCase>? Cases { get; init; }

    /// <summary>ConfigMap entry with the cases.</summary>
    public EvaluationConfigMap? ConfigMapRef { get; init; }

    /// <summary>File with the cases in a volume claim, <c>pvc://claim/path/golden.jsonl</c>: one JSON object <c>{"prompt","expected"}</c> a line.</summary>
    [Length(2048, 1)]
    [Pattern(@"^pvc://[a-z0-9]([-a-z0-9.]*[a-z0-9])?/.+$")]
    public string? Uri { get; init; }

    /// <summary>How answers are scored.</summary>
    public EvaluationMetric Metric { get; init; } = EvaluationMetric.ExactMatch;

    /// <summary>Least score, 0 to 1; for Perplexity the greatest.</summary>
    [RequiredField]
    [Decimal]
    [JsonConverter(typeof(IntOrStringConverter))]
    public string Bound { get; init; } = "";

    /// <summary>Tokens that an answer may have.</summary>
    [Bounds(1, 4096)]
    public int MaxTokens { get; init; } = 32;

    /// <summary>How long one run may take, as a duration.</summary>
    [Duration]
    public string Timeout { get; init; } = "10m";
}
