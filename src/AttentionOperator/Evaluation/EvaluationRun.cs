namespace AttentionOperator.Evaluation;

/// <summary>A run of the evaluation that should be there.</summary>
/// <param name="Job">Name of its Job.</param>
/// <param name="Canary">Revision that is asked.</param>
/// <param name="Stable">Revision that it is compared with; null where it does not run.</param>
/// <param name="Starts">False where the Job is only kept for its logs.</param>
internal sealed record EvaluationRun(string Job, string Canary, string? Stable, bool Starts);
