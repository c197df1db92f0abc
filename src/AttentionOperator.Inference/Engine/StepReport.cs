namespace AttentionOperator.Inference.Engine;

/// <summary>A computed step, for metrics.</summary>
/// <param name="Sequences">Sequences of the batch.</param>
/// <param name="Tokens">Tokens computed.</param>
/// <param name="Duration">Time of the computation.</param>
public readonly record struct StepReport(int Sequences, int Tokens, TimeSpan Duration);
