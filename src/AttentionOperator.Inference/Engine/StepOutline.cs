namespace AttentionOperator.Inference.Engine;

/// <summary>A step that is about to be computed.</summary>
/// <param name="Tokens">Tokens that it computes.</param>
/// <param name="Sequences">Sequences that they are of.</param>
/// <param name="Longest">Tokens of the longest of them, computed ones included.</param>
public readonly record struct StepOutline(int Tokens, int Sequences, int Longest);
