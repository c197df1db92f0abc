using AttentionOperator.Api.Runtime;

namespace AttentionOperator.Evaluation;

/// <summary>One run of an evaluation as observed.</summary>
/// <param name="Job">Name of its Job.</param>
/// <param name="Report">What it found; null while it runs, and where it found nothing.</param>
/// <param name="Problem">Why it ended without a report; null while it runs.</param>
internal sealed record EvaluationObservation(string Job, EvaluationReport? Report, string? Problem);
