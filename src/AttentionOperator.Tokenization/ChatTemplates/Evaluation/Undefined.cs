namespace AttentionOperator.Tokenization.ChatTemplates.Evaluation;

/// <summary>A name, attribute or item that does not exist: prints as nothing, is false, and fails when it is used.</summary>
internal sealed record Undefined(string What);
