using System.Text.Json.Serialization;
using AttentionOperator.Api.Schema;
using AttentionOperator.Api.Serialization;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>One objective: a share of requests that must be good.</summary>
[CelRule(
    "self.type == 'Errors' || self.type == 'Quality' || has(self.threshold)",
    "slo.objectives[].threshold must be set for Latency, TimeToFirstToken and TimePerOutputToken, for example 500ms")]
[CelRule(
    "!(self.type == 'Errors' || self.type == 'Quality') || !has(self.threshold)",
    "slo.objectives[].threshold has no meaning for Errors and Quality; remove it")]
public sealed record ObjectiveSpec
{
    /// <summary>Name, unique within the model.</summary>
    [RequiredField]
    [Length(63, 1)]
    [Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
    public string Name { get; init; } = "";

    /// <summary>What is measured.</summary>
    [RequiredField]
    public ObjectiveType Type { get; init; }

    /// <summary>Share that must be good, in percent, for example "99.9".</summary>
    [RequiredField]
    [Decimal]
    [JsonConverter(typeof(IntOrStringConverter))]
    public string Target { get; init; } = "";

    /// <summary>Time within which a request is good, as a duration; for Latency, TimeToFirstToken and TimePerOutputToken.</summary>
    [Duration]
    public string? Threshold { get; init; }
}
