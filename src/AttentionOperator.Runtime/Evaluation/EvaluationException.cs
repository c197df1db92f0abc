namespace AttentionOperator.Runtime.Evaluation;

/// <summary>The evaluation cannot say anything about the revision.</summary>
internal sealed class EvaluationException(string message, Exception? inner = null) : Exception(message, inner);
