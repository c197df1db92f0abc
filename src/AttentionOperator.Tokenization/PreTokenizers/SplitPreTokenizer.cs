using AttentionOperator.Tokenization.Regexes;

namespace AttentionOperator.Tokenization.PreTokenizers;

/// <summary>Cuts at a pattern: Split, Punctuation, Digits, WhitespaceSplit, Whitespace, CharDelimiterSplit.</summary>
internal sealed class SplitPreTokenizer(ISplitPattern pattern, SplitBehavior behavior, bool invert = false) : IPreTokenizer
{
    public bool KeepsEverything => behavior != SplitBehavior.Removed;

    public string Prefix => "";

    public void Apply(PreTokenizedText text) => text.Split(pattern, behavior, invert);
}
