namespace AttentionOperator.Tokenization.ChatTemplates.Evaluation;

/// <summary>Something that can be called: a global, a macro, or a method bound to its object.</summary>
internal delegate object? TemplateFunction(Arguments arguments);
