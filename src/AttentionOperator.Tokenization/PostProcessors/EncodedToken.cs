namespace AttentionOperator.Tokenization.PostProcessors;

/// <summary>A token on its way to the result.</summary>
/// <param name="Sequence">0 or 1 for the text it came from, -1 for tokens that a template added.</param>
/// <param name="Surface">What an added token matched; null for tokens of the model.</param>
internal record struct EncodedToken(int Id, int Start, int End, string? Surface, int TypeId, int Sequence);
