namespace AttentionOperator.Runtime.Evaluation;

/// <summary>How likely a text is to a model.</summary>
/// <param name="LogProbability">Natural logarithm.</param>
/// <param name="Tokens">Tokens of the text.</param>
internal sealed record Likelihood(double LogProbability, int Tokens);
