namespace AttentionOperator.Tokenization;

/// <summary>A text that this tokenizer cannot encode, for example because it has no unknown token or a split pattern takes too long.</summary>
public sealed class TokenizationException(string message, Exception? inner = null) : Exception(message, inner);
