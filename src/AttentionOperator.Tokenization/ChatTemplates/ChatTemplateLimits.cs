namespace AttentionOperator.Tokenization.ChatTemplates;

/// <summary>What one rendering may use; templates come from whoever published the model.</summary>
/// <param name="Steps">Evaluated nodes, with long strings and lists counted by their length.</param>
/// <param name="Characters">Length of the output, and of any string on the way.</param>
/// <param name="Depth">Nested evaluation, macro calls included.</param>
public sealed record ChatTemplateLimits(long Steps = 20_000_000, int Characters = 16 << 20, int Depth = 400);
