namespace AttentionOperator.Tokenization.Regexes;

/// <summary>A construct of the Oniguruma syntax that has no exact translation.</summary>
internal sealed class UnsupportedPatternException(string message) : Exception(message);
