using AttentionOperator.Api.Sli;
using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Gateway.Slis;

/// <summary>One objective as the gateway judges requests by it.</summary>
/// <param name="Name">Name in the spec.</param>
/// <param name="Type">What is measured.</param>
/// <param name="Threshold">Time within which a request is good.</param>
internal sealed record ObjectiveDefinition(string Name, ObjectiveType Type, TimeSpan Threshold)
{
    /// <summary>Fingerprint: counters start again when it changes.</summary>
    public string Definition { get; } = ObjectiveFingerprint.Of(Type, Threshold);

    /// <summary>
    /// True = good, false = bad, null = the request says nothing about this objective. A failed request is bad for every
    /// time objective too: an answer that never came was not in time.
    /// </summary>
    public bool? Judge(in RequestOutcome outcome) => Type switch
    {
        ObjectiveType.Errors => !outcome.Failed,
        ObjectiveType.Latency => !outcome.Failed && outcome.Duration <= Threshold,
        ObjectiveType.TimeToFirstToken when outcome.Failed => false,
        ObjectiveType.TimeToFirstToken => outcome.TimeToFirstToken is { } first ? first <= Threshold : null,
        ObjectiveType.TimePerOutputToken when outcome.Failed => false,
        ObjectiveType.TimePerOutputToken => outcome.TimePerOutputToken is { } each ? each <= Threshold : null,
        _ => null,
    };
}
